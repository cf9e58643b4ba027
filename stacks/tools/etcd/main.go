// Command etcd starts the upstream etcd server. The module go.etcd.io/etcd/v3 that holds the
// upstream main has local replaces, so `go install` refuses it; its server module is published.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
