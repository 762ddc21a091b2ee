// Package fault is the one form of errors that leave sandboxd: an HTTP status, a reason as in metav1.Status, and a message
// that says what, which value, what was expected and what to do.
package fault

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is an answer that is no success.
type Error struct {
	Status int
	Reason string
	// Message is for the caller; it never holds secrets or stack traces.
	Message string
	// Header goes out with the answer, for example AgentTier-Size or Retry-After. May be nil.
	Header map[string]string
}

func (e *Error) Error() string { return e.Message }

// With returns e with one header more.
func (e *Error) With(key, value string) *Error {
	if e.Header == nil {
		e.Header = map[string]string{}
	}
	e.Header[key] = value
	return e
}

// From is err itself when it is an Error, and an internal error with its text otherwise.
func From(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return of(http.StatusInternalServerError, "InternalError", "%v", err)
}

func BadRequest(format string, args ...any) *Error {
	return of(http.StatusBadRequest, "BadRequest", format, args...)
}

func Unauthorized(format string, args ...any) *Error {
	return of(http.StatusUnauthorized, "Unauthorized", format, args...)
}

func Forbidden(format string, args ...any) *Error {
	return of(http.StatusForbidden, "Forbidden", format, args...)
}

func NotFound(format string, args ...any) *Error {
	return of(http.StatusNotFound, "NotFound", format, args...)
}

func MethodNotAllowed(format string, args ...any) *Error {
	return of(http.StatusMethodNotAllowed, "MethodNotAllowed", format, args...)
}

func Conflict(format string, args ...any) *Error {
	return of(http.StatusConflict, "Conflict", format, args...)
}

func Gone(format string, args ...any) *Error {
	return of(http.StatusGone, "Gone", format, args...)
}

func PreconditionFailed(format string, args ...any) *Error {
	return of(http.StatusPreconditionFailed, "PreconditionFailed", format, args...)
}

func TooLarge(format string, args ...any) *Error {
	return of(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", format, args...)
}

func RangeNotSatisfiable(format string, args ...any) *Error {
	return of(http.StatusRequestedRangeNotSatisfiable, "BadRequest", format, args...)
}

func Invalid(format string, args ...any) *Error {
	return of(http.StatusUnprocessableEntity, "Invalid", format, args...)
}

// TooManyRequests says that nothing was started and the caller may try again after a second.
func TooManyRequests(format string, args ...any) *Error {
	return of(http.StatusTooManyRequests, "TooManyRequests", format, args...).With("Retry-After", "1")
}

func Unavailable(format string, args ...any) *Error {
	return of(http.StatusServiceUnavailable, "ServiceUnavailable", format, args...)
}

// BadGateway says that what the caller wants to speak to in the sandbox does not answer.
func BadGateway(format string, args ...any) *Error {
	return of(http.StatusBadGateway, "BadGateway", format, args...)
}

func InsufficientStorage(format string, args ...any) *Error {
	return of(http.StatusInsufficientStorage, "InternalError", format, args...)
}

func of(status int, reason, format string, args ...any) *Error {
	return &Error{Status: status, Reason: reason, Message: fmt.Sprintf(format, args...)}
}
