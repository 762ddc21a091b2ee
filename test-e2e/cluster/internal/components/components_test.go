package components

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestKeyChangesWithEverythingThatDecidesTheResult(t *testing.T) {
	group := Group{Name: "etcd", LDFlags: "-s", Binaries: []Binary{{"etcd", "example.org/etcd"}}}
	module := fstest.MapFS{"go.mod": {Data: []byte("module m")}, "go.sum": {Data: []byte("sum")}}
	base, err := Key(group, module, "go1.26.8 linux/amd64")
	if err != nil || !strings.HasPrefix(base, "etcd-") {
		t.Fatalf("key %q, %v", base, err)
	}
	changed := func(change func(*Group, fstest.MapFS)) (Group, fstest.MapFS) {
		other, files := group, maps.Clone(module)
		other.Binaries = append([]Binary(nil), group.Binaries...)
		change(&other, files)
		return other, files
	}
	tests := []struct {
		name    string
		change  func(*Group, fstest.MapFS)
		version string
	}{
		{"go.mod", func(_ *Group, files fstest.MapFS) { files["go.mod"] = &fstest.MapFile{Data: []byte("module n")} }, ""},
		{"go.sum", func(_ *Group, files fstest.MapFS) { files["go.sum"] = &fstest.MapFile{Data: []byte("other")} }, ""},
		{"a new file", func(_ *Group, files fstest.MapFS) { files["main.go"] = &fstest.MapFile{} }, ""},
		{"linker flags", func(g *Group, _ fstest.MapFS) { g.LDFlags = "-w" }, ""},
		{"tags", func(g *Group, _ fstest.MapFS) { g.Tags = "seccomp" }, ""},
		{"cgo", func(g *Group, _ fstest.MapFS) { g.CGO = true }, ""},
		{"a package", func(g *Group, _ fstest.MapFS) { g.Binaries[0].Package = "example.org/other" }, ""},
		{"the version of Go", func(*Group, fstest.MapFS) {}, "go1.26.9 linux/amd64"},
		{"nothing", func(*Group, fstest.MapFS) {}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			other, files := changed(test.change)
			version := test.version
			if version == "" {
				version = "go1.26.8 linux/amd64"
			}
			key, err := Key(other, files, version)
			if err != nil || (key == base) != (test.name == "nothing") {
				t.Errorf("key %q, %v; before %q", key, err, base)
			}
		})
	}
}

func TestKeyOfAModuleThatIsNotThereFails(t *testing.T) {
	if _, err := Key(Group{Name: "x"}, os.DirFS(filepath.Join(t.TempDir(), "none")), "go"); err == nil {
		t.Error("no error")
	}
}

func TestEveryGroupHasItsModule(t *testing.T) {
	for _, group := range Groups {
		definition, err := os.ReadFile(filepath.Join("..", "..", "components", group.Name, "go.mod"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, binary := range group.Binaries {
			if binary.Package != "." && !strings.Contains(string(definition), binary.Package) {
				t.Errorf("components/%s/go.mod does not name %s", group.Name, binary.Package)
			}
		}
	}
}

func TestVersionThatKubernetesTellsIsTheOneThatIsBuilt(t *testing.T) {
	definition, err := os.ReadFile(filepath.Join("..", "..", "components", "kubernetes", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, told, _ := strings.Cut(kubernetesVersion, "gitVersion=")
	told, _, _ = strings.Cut(told, " ")
	if !strings.Contains(string(definition), "k8s.io/kubernetes "+told) {
		t.Errorf("the server would call itself %s, components/kubernetes/go.mod has another version", told)
	}
}

func TestKindIsBuiltOnDemandOnly(t *testing.T) {
	for _, group := range ForCluster() {
		if group.Name == "kind" {
			t.Error("kind is part of every cluster")
		}
	}
	if _, err := Named("kind"); err != nil {
		t.Error(err)
	}
	if _, err := Named("none"); err == nil || !strings.Contains(err.Error(), "kubernetes") {
		t.Errorf("an unknown group: %v", err)
	}
}

func TestNothingIsBuiltWhenAFolderIsThere(t *testing.T) {
	cache := Cache{Root: t.TempDir(), Modules: filepath.Join("..", "..", "components"), Progress: &strings.Builder{}}
	group, err := Named("pause")
	if err != nil {
		t.Fatal(err)
	}
	version, err := goVersion(t.Context(), cache.Modules)
	if err != nil {
		t.Fatal(err)
	}
	built, missing, err := cache.look([]Group{group}, version)
	if err != nil || len(missing) != 1 {
		t.Fatalf("missing %v, %v", missing, err)
	}
	if err := os.MkdirAll(built["pause"], 0o755); err != nil {
		t.Fatal(err)
	}
	again, err := cache.Ensure(t.Context(), []Group{group})
	if err != nil || again.Path("pause", "pause") != filepath.Join(built["pause"], "pause") {
		t.Errorf("got %v, %v", again, err)
	}
}

func TestShortDiskIsToldBeforeTheCompile(t *testing.T) {
	cache := Cache{Root: t.TempDir()}
	if err := cache.checkDisk([]Group{{DiskMB: 1}}); err != nil {
		t.Error(err)
	}
	if err := cache.checkDisk([]Group{{DiskMB: 1 << 40}}); err == nil || !strings.Contains(err.Error(), "AGENTTIER_CACHE") {
		t.Errorf("got %v", err)
	}
}
