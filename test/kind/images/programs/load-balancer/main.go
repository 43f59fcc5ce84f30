// A stand-in for cloud-provider-kind, which is to be had as an image only: gives every Service of type LoadBalancer, in
// every kind cluster of the container engine behind /var/run/docker.sock, the address of the cluster's control plane
// node, on which kube-proxy answers for the Service's ports. Two Services with the same port share one address here,
// and only the first of them answers; the real one gives each an address of its own. All arguments are accepted.
package main

import (
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	served := map[string]bool{}
	ended := make(chan string)
	look := time.NewTicker(time.Second)
	for {
		select {
		case <-end:
			return
		case cluster := <-ended:
			delete(served, cluster)
		case <-look.C:
			nodes, err := controlPlaneNodes()
			if err != nil {
				log.Print(err)
			}
			for _, node := range nodes {
				if !served[node.cluster] {
					served[node.cluster] = true
					go func() {
						if err := serve(node); err != nil {
							log.Printf("%s: %v", node.cluster, err)
						}
						ended <- node.cluster
					}()
				}
			}
		}
	}
}
