package server

import (
	"net/http"
	"net/url"
	"strings"

	"agenttier.io/images/sandboxd/internal/fault"
	"agenttier.io/images/sandboxd/internal/token"
)

// call is one request whose token is good for it.
type call struct {
	*patient
	request *http.Request
	query   url.Values
	claims  token.Claims
	// id is what stands in the path after /v1/processes/.
	id string
}

// endpoint is what may be asked under one path and method.
type endpoint struct {
	operation string
	answer    func(*Server, *call) error
}

// endpoints by path pattern and method.
var endpoints = map[string]map[string]endpoint{
	"/v1/processes": {
		http.MethodPost: {"exec", (*Server).startProcess},
		http.MethodGet:  {"processes", (*Server).listProcesses},
	},
	"/v1/processes/{id}": {
		http.MethodGet:    {"processes", (*Server).showProcess},
		http.MethodDelete: {"signal", (*Server).signalProcess},
	},
	"/v1/processes/{id}/log": {
		http.MethodGet: {"log", (*Server).readLog},
	},
	"/v1/processes/{id}/attach": {
		http.MethodPost: {"attach", (*Server).attachProcess},
	},
	"/v1/terminals": {
		http.MethodPost: {"attach", (*Server).attachTerminal},
	},
	"/v1/files": {
		http.MethodGet:    {"files.read", (*Server).readFiles},
		http.MethodPut:    {"files.write", (*Server).writeFile},
		http.MethodPost:   {"files.write", (*Server).changeFiles},
		http.MethodDelete: {"files.write", (*Server).removeFiles},
	},
	"/v1/archive": {
		http.MethodPost: {"archive.read", (*Server).startArchive},
		http.MethodPut:  {"archive.write", (*Server).takeArchive},
	},
	"/v1/configured": {
		http.MethodPost: {"configure", (*Server).noteConfigured},
	},
	"/v1/configure": {
		http.MethodPost: {"configure", (*Server).configure},
	},
	"/v1/ports": {
		http.MethodGet: {"ports", (*Server).openTunnel},
	},
	"/v1/report": {
		http.MethodGet: {"report", (*Server).report},
	},
	"/v1/hook": {
		http.MethodPost: {"hook", (*Server).runHook},
	},
	"/v1/notice": {
		http.MethodPost: {"notice", (*Server).takeNotice},
	},
}

// ServeHTTP finds the endpoint, checks the token, and turns errors into answers.
func (s *Server) ServeHTTP(writer http.ResponseWriter, r *http.Request) {
	w := newPatient(writer)
	defer w.extend() // fails only on a connection that is gone
	w.Header().Set(protocolHeader, "1")
	if r.URL.Path == "/readyz" {
		s.ready(w, r)
		return
	}
	s.rest.called()
	defer s.rest.called()
	if err := s.serve(w, r); err != nil {
		writeFault(w, err)
	}
}

func (s *Server) serve(w *patient, r *http.Request) error {
	pattern, id := match(r.URL.Path)
	methods, ok := endpoints[pattern]
	if !ok {
		return fault.NotFound("path %.200q is not one of this protocol", r.URL.Path)
	}
	found, ok := methods[r.Method]
	if !ok {
		return fault.MethodNotAllowed("%.20q is not possible on %s", r.Method, pattern)
	}
	claims, err := s.authorize(r, found.operation)
	if err != nil {
		return err
	}
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	if claims.Role == token.APIServer && found.operation != "report" {
		s.touch()
	}
	return found.answer(s, &call{patient: w, request: r, query: query, claims: claims, id: id})
}

// match returns the pattern of path and the id in it. The path has been decoded: an id cannot hold a slash, so none is lost.
func match(path string) (pattern, id string) {
	rest, ok := strings.CutPrefix(path, "/v1/processes/")
	if !ok {
		return path, ""
	}
	id, tail, nested := strings.Cut(rest, "/")
	switch {
	case id == "":
		return "", ""
	case !nested:
		return "/v1/processes/{id}", id
	case tail == "log", tail == "attach":
		return "/v1/processes/{id}/" + tail, id
	}
	return "", ""
}

func (s *Server) authorize(r *http.Request, operation string) (token.Claims, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return token.Claims{}, fault.Unauthorized("%d Authorization headers: expected one, \"Bearer <JWT>\"", len(headers))
	}
	compact, ok := strings.CutPrefix(headers[0], "Bearer ")
	if !ok {
		return token.Claims{}, fault.Unauthorized("Authorization is not of the form \"Bearer <JWT>\"")
	}
	claims, err := s.Tokens.Verify(compact)
	if err != nil {
		return token.Claims{}, fault.Unauthorized("%v", err)
	}
	if err := claims.Permit(operation); err != nil {
		return token.Claims{}, fault.Forbidden("%v", err)
	}
	return claims, nil
}

// parseQuery refuses what two readers could understand differently: a parameter given twice.
func parseQuery(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fault.BadRequest("query cannot be parsed: %v", err)
	}
	for name, values := range query {
		if len(values) > 1 {
			return nil, fault.BadRequest("query parameter %.40q is given %d times: give it once", name, len(values))
		}
	}
	return query, nil
}
