// Package image writes container images as OCI archives without a container engine.
package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// File is a regular file of an image.
type File struct {
	Path    string // without a leading slash, for example "pause"
	Mode    int64
	Content []byte
}

// Image is an image with a single layer.
type Image struct {
	Reference    string // full name, for example "localhost/pause:1"
	Architecture string // GOARCH
	Files        []File
	Entrypoint   []string
	User         string // numeric, for example "65535"
}

const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar"
)

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Write writes the image as an OCI archive. The same image gives the same bytes.
func Write(out io.Writer, image Image) error {
	layer, err := layer(image.Files)
	if err != nil {
		return fmt.Errorf("writing image %s: %w", image.Reference, err)
	}
	archive := &archive{tar: tar.NewWriter(out)}
	archive.add("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	layerEntry := archive.blob(layerType, layer)
	config := archive.document(configType, map[string]any{
		"architecture": image.Architecture,
		"os":           "linux",
		"config":       map[string]any{"Entrypoint": image.Entrypoint, "User": image.User},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{layerEntry.Digest}},
	})
	manifest := archive.document(manifestType, map[string]any{
		"schemaVersion": 2, "mediaType": manifestType, "config": config, "layers": []descriptor{layerEntry},
	})
	// containerd takes the full name from its own annotation; other tools read the standard one.
	manifest.Annotations = map[string]string{"io.containerd.image.name": image.Reference, "org.opencontainers.image.ref.name": image.Reference}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": []descriptor{manifest}})
	if err != nil {
		return err
	}
	archive.add("index.json", index)
	if archive.err == nil {
		archive.err = archive.tar.Close()
	}
	if archive.err != nil {
		return fmt.Errorf("writing image %s: %w", image.Reference, archive.err)
	}
	return nil
}

func layer(files []File) ([]byte, error) {
	var content bytes.Buffer
	writer := tar.NewWriter(&content)
	for _, file := range files {
		if err := writer.WriteHeader(&tar.Header{Name: file.Path, Mode: file.Mode, Size: int64(len(file.Content)), Typeflag: tar.TypeReg}); err != nil {
			return nil, err
		}
		if _, err := writer.Write(file.Content); err != nil {
			return nil, err
		}
	}
	return content.Bytes(), writer.Close()
}

// archive keeps the first error; what follows it is skipped.
type archive struct {
	tar *tar.Writer
	err error
}

func (a *archive) add(name string, content []byte) {
	if a.err != nil {
		return
	}
	if a.err = a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg}); a.err == nil {
		_, a.err = a.tar.Write(content)
	}
}

func (a *archive) blob(mediaType string, content []byte) descriptor {
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	a.add("blobs/sha256/"+digest, content)
	return descriptor{MediaType: mediaType, Digest: "sha256:" + digest, Size: len(content)}
}

func (a *archive) document(mediaType string, content any) descriptor {
	data, err := json.Marshal(content)
	if err != nil && a.err == nil {
		a.err = err
	}
	return a.blob(mediaType, data)
}
