package process

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzRequestThatIsGoodCanBeStartedAndFoundAgain(f *testing.F) {
	f.Add([]byte(`{"class":"exec","argv":["make"],"env":{"K":"V"},"cwd":"/w","stdinBase64":"aGk=","timeoutMs":30000,"onDisconnect":"keep"}`))
	f.Add([]byte(`{"class":"inv","script":"true","key":"0123456789abcdef","cap":1,"configured":2,"onFull":"wait"}`))
	f.Add([]byte(`{"class":"term","argv":["sh"],"tty":true,"openStdin":true,"cols":1000,"rows":1}`))
	f.Add([]byte(`{"class":"exec","name":"exec-0a1b2c3d0123456789abcdef","argv":["\u0000"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var r Request
		if json.Unmarshal(body, &r) != nil || r.Check() != nil {
			return
		}
		words := r.command()
		for name, value := range r.Env {
			words = append(words, name, value)
		}
		if words[0] == "" || strings.ContainsRune(strings.Join(words, ""), 0) || r.Program() == "" || r.size().Check() != nil {
			t.Errorf("%q was found good: %q, program %q, size %v", body, words, r.Program(), r.size())
		}
		again, err := json.Marshal(&r)
		if err != nil {
			t.Fatal(err)
		}
		var same Request
		if err := json.Unmarshal(again, &same); err != nil || same.hash() != r.hash() {
			t.Errorf("%q is another request than %q, %v", again, body, err)
		}
	})
}

func FuzzParseSignal(f *testing.F) {
	for _, text := range []string{"TERM", "sigkill", "9", "0", "65", "RTMIN+3", "RTMIN+-1", "SIGSIGHUP", "+1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if signal, err := ParseSignal(text); err == nil && (signal < 1 || signal > maxSignal) {
			t.Errorf("%q is signal %d", text, signal)
		}
	})
}
