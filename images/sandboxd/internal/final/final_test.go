package final

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLongTailKeepsItsEndWithinTheKubeletsLimit(t *testing.T) {
	for name, message := range map[string]string{
		"plain":    strings.Repeat("line\n", 3000) + "the reason",
		"escapes":  strings.Repeat("\x01", 9000) + "the reason",
		"wide":     strings.Repeat("日本", 3000) + "the reason",
		"not text": strings.Repeat("\xffa", 9000) + "the reason",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "final")
			if err := os.WriteFile(file, []byte(strings.Repeat("old", 5000)), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := Write(file, Record{Reason: InitScriptFailed, Code: 1, Message: "init script 1: exited with code 7", Tail: message}); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got Record
			if err := json.Unmarshal(text, &got); err != nil || len(text) > 4096 || len(text) < 3500 {
				t.Fatalf("%d bytes, %v", len(text), err)
			}
			if got.Sandboxd != 1 || !strings.HasPrefix(got.Message, "init script 1: exited with code 7\n") || !strings.HasSuffix(got.Message, "the reason") {
				t.Errorf("record %+v", got)
			}
		})
	}
}

func TestLongMessageIsCutToo(t *testing.T) {
	text, err := encode(Record{Reason: InvalidPlan, Code: 1, Message: strings.Repeat("x", 9000) + "end"})
	if err != nil || len(text) > 4096 || !strings.Contains(string(text), `end"`) {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

func TestNoHookMakesTheRecordTooLong(t *testing.T) {
	for name, hook := range map[string]Hook{
		"tail":   {Exit: map[string]any{"outcome": "exited", "code": 0}, Tail: strings.Repeat("\x01\xff", 4096) + "end"},
		"record": {Exit: map[string]any{"message": strings.Repeat("x", 9000)}},
	} {
		text, err := encode(Record{Reason: Terminated, Message: "ended", OnStop: &hook})
		var got Record
		if err != nil || len(text) > 4096 || json.Unmarshal(text, &got) != nil || got.Message != "ended" {
			t.Fatalf("%s: %d bytes, %v", name, len(text), err)
		}
		if name == "tail" && !strings.HasSuffix(got.OnStop.Tail, "end") {
			t.Errorf("the end of the hook's output is missing: %q", got.OnStop.Tail)
		}
	}
}
