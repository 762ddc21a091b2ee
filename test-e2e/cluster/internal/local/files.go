package local

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"agenttier.io/test-e2e/cluster/internal/image"
	"agenttier.io/test-e2e/cluster/internal/kubeconfig"
	"agenttier.io/test-e2e/cluster/internal/pki"
	"agenttier.io/test-e2e/cluster/internal/render"
)

// writeFiles makes the folders, certificates and files of configuration of the whole cluster.
func writeFiles(c render.Cluster, now time.Time) error {
	folders := []string{c.PKI(), filepath.Join(c.Dir, "log"), filepath.Join(c.Dir, "bin")}
	for number := 1; number <= c.Nodes; number++ {
		for _, name := range []string{"conf", "cni", "lib", "opt", "volume-plugins"} {
			folders = append(folders, filepath.Join(c.Node(number), name))
		}
	}
	for _, folder := range folders {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	if err := os.Chmod(c.PKI(), 0o700); err != nil {
		return err
	}
	for _, program := range [][2]string{{"kubernetes", "kubectl"}, {"helm", "helm"}} {
		if err := link(c.Binaries.Path(program[0], program[1]), filepath.Join(c.Dir, "bin", program[1])); err != nil {
			return err
		}
	}
	if err := writeCredentials(c, now); err != nil {
		return fmt.Errorf("issuing certificates: %w", err)
	}
	policy, err := render.AuditPolicy()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "audit-policy.yaml"), []byte(policy), 0o644); err != nil {
		return err
	}
	for number := 1; number <= c.Nodes; number++ {
		if err := writeNodeFiles(c, number); err != nil {
			return err
		}
	}
	return nil
}

func writeNodeFiles(c render.Cluster, number int) error {
	files, err := c.NodeFiles(number)
	if err != nil {
		return err
	}
	for name, text := range files {
		path := c.NodeFile(number, name)
		if filepath.Ext(name) == ".conflist" {
			path = filepath.Join(c.Node(number), "cni", name)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// link points a name at a program, replacing what it pointed at before.
func link(target, name string) error {
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.Symlink(target, name)
}

func writeCredentials(c render.Cluster, now time.Time) error {
	authorities := map[string]pki.Authority{}
	for _, name := range []string{"ca", "front-proxy-ca"} {
		pair, err := pki.Keep(c.PKI(), name, func() (pki.Pair, error) { return pki.NewAuthority("agenttier-"+c.Name+"-"+name, now) })
		if err != nil {
			return err
		}
		if authorities[name], err = pki.ReadAuthority(pair); err != nil {
			return err
		}
	}
	if _, err := pki.Keep(c.PKI(), "service-account", pki.NewTokenKey); err != nil {
		return err
	}
	ca := authorities["ca"]
	for _, credential := range c.Credentials() {
		pair, err := authorities[credential.Authority].Issue(credential.Subject, now)
		if err != nil {
			return err
		}
		if err := pki.Write(c.PKI(), credential.Name, pair); err != nil {
			return err
		}
		if !credential.Kubeconfig {
			continue
		}
		path := c.ComponentKubeconfig(credential.Name)
		if credential.Name == render.Administrator {
			path = c.Kubeconfig()
		}
		if err := kubeconfig.Write(path, "agenttier-"+c.Name, c.Server(), ca.PEM, credential.Name, pair); err != nil {
			return err
		}
	}
	return nil
}

func pauseImage(program string) (io.Reader, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	err = image.Write(&archive, image.Image{
		Reference: render.PauseImage, Architecture: runtime.GOARCH, Entrypoint: []string{"/pause"}, User: "65535",
		Files: []image.File{{Path: "pause", Mode: 0o755, Content: content}},
	})
	return &archive, err
}

// copyTool puts this program beside the cluster, so that a node's supervisor does not depend on where it was called from.
func copyTool(target string) error {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer self.Close()
	partial := target + ".partial"
	out, err := os.OpenFile(partial, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, self); err != nil {
		out.Close()
		return fmt.Errorf("copying this program: %w", err)
	}
	if err := out.Close(); err != nil {
		return err
	}
	return os.Rename(partial, target)
}
