package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

var sample = Image{
	Reference: "localhost/pause:1", Architecture: "amd64", Entrypoint: []string{"/pause"}, User: "65535",
	Files: []File{{Path: "pause", Mode: 0o755, Content: []byte("program")}},
}

func TestArchiveLeadsFromItsIndexToTheProgram(t *testing.T) {
	var archive bytes.Buffer
	if err := Write(&archive, sample); err != nil {
		t.Fatal(err)
	}
	files := read(t, &archive)
	if string(files["oci-layout"]) != `{"imageLayoutVersion":"1.0.0"}` {
		t.Errorf("oci-layout: %s", files["oci-layout"])
	}
	var index struct{ Manifests []descriptor }
	decode(t, files["index.json"], &index)
	if len(index.Manifests) != 1 || index.Manifests[0].Annotations["io.containerd.image.name"] != sample.Reference {
		t.Fatalf("index: %s", files["index.json"])
	}
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	decode(t, blob(t, files, index.Manifests[0]), &manifest)
	var config struct {
		Config struct {
			Entrypoint []string
			User       string
		}
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	decode(t, blob(t, files, manifest.Config), &config)
	if config.Config.User != "65535" || len(config.Config.Entrypoint) != 1 || config.Config.Entrypoint[0] != "/pause" {
		t.Errorf("config: %+v", config)
	}
	if len(manifest.Layers) != 1 || len(config.RootFS.DiffIDs) != 1 || config.RootFS.DiffIDs[0] != manifest.Layers[0].Digest {
		t.Fatalf("layers %+v, diff ids %v", manifest.Layers, config.RootFS.DiffIDs)
	}
	layer := read(t, bytes.NewReader(blob(t, files, manifest.Layers[0])))
	if string(layer["pause"]) != "program" {
		t.Errorf("layer holds %v", layer)
	}
}

func TestSameImageGivesSameBytes(t *testing.T) {
	var first, second bytes.Buffer
	if err := errors.Join(Write(&first, sample), Write(&second, sample)); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("archives differ, %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestFailureToWriteIsReportedWithTheImage(t *testing.T) {
	if err := Write(failing{}, sample); err == nil || !strings.Contains(err.Error(), sample.Reference) || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

func read(t *testing.T, archive io.Reader) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(reader); err != nil {
			t.Fatal(err)
		}
	}
}

func blob(t *testing.T, files map[string][]byte, entry descriptor) []byte {
	t.Helper()
	digest := strings.TrimPrefix(entry.Digest, "sha256:")
	content := files["blobs/sha256/"+digest]
	sum := sha256.Sum256(content)
	if hex.EncodeToString(sum[:]) != digest || len(content) != entry.Size {
		t.Fatalf("blob %s: %d bytes that do not match", entry.Digest, len(content))
	}
	return content
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
}
