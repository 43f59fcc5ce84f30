package main

import (
	"archive/tar"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// A running control plane node of a kind cluster.
type node struct {
	id, cluster, address string
}

var engine = http.Client{Transport: &http.Transport{
	DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", "/var/run/docker.sock")
	},
}}

func ask(path string, query url.Values) (*http.Response, error) {
	answer, err := engine.Get("http://engine" + path + "?" + query.Encode())
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("the container engine answers %s for %s", answer.Status, path)
	}
	return answer, nil
}

func controlPlaneNodes() ([]node, error) {
	answer, err := ask("/containers/json", url.Values{"filters": {`{"label": ["io.x-k8s.kind.role=control-plane"]}`}})
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var containers []struct {
		ID              string `json:"Id"`
		Labels          map[string]string
		NetworkSettings struct {
			Networks map[string]struct{ IPAddress string }
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&containers); err != nil {
		return nil, err
	}
	var nodes []node
	for _, container := range containers {
		for _, network := range container.NetworkSettings.Networks {
			if network.IPAddress != "" {
				nodes = append(nodes, node{container.ID, container.Labels["io.x-k8s.kind.cluster"], network.IPAddress})
				break
			}
		}
	}
	return nodes, nil
}

func readFile(container, path string) ([]byte, error) {
	answer, err := ask("/containers/"+container+"/archive", url.Values{"path": {path}})
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	archive := tar.NewReader(answer.Body)
	if _, err := archive.Next(); err != nil {
		return nil, err
	}
	return io.ReadAll(archive)
}
