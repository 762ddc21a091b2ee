package process

import (
	"strconv"
	"strings"
	"syscall"

	"agenttier.io/images/sandboxd/internal/fault"
	"golang.org/x/sys/unix"
)

// Real-time signals as programs see them: glibc keeps the first two of the kernel's for itself.
const (
	realTimeMin = 34
	maxSignal   = 64
)

// ParseSignal reads a name with or without SIG, in any case, or a number from 1 to 64.
func ParseSignal(text string) (syscall.Signal, error) {
	if number, err := strconv.Atoi(text); err == nil {
		if number < 1 || number > maxSignal {
			return 0, fault.BadRequest("signal %d: expected 1 to %d, or a name such as TERM", number, maxSignal)
		}
		return syscall.Signal(number), nil
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	if number := unix.SignalNum("SIG" + name); number != 0 {
		return number, nil
	}
	if plus, ok := strings.CutPrefix(name, "RTMIN"); ok {
		n, err := strconv.Atoi(strings.TrimPrefix(plus, "+"))
		if plus == "" {
			n, err = 0, nil
		}
		if err == nil && n >= 0 && realTimeMin+n <= maxSignal {
			return syscall.Signal(realTimeMin + n), nil
		}
	}
	return 0, fault.BadRequest("signal %.40q: expected a name such as TERM or SIGTERM, or a number from 1 to %d", text, maxSignal)
}

func realTimeName(number int) string {
	switch {
	case number == realTimeMin:
		return "RTMIN"
	case number > realTimeMin && number <= maxSignal:
		return "RTMIN+" + strconv.Itoa(number-realTimeMin)
	}
	return strconv.Itoa(number)
}
