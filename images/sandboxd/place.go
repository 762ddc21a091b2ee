package main

// pod says where the controller puts things (protocol §1).
var pod = place{run: "/.agenttier/run", spool: "/.agenttier/spool", termination: "/dev/termination-log", address: ":9000"}
