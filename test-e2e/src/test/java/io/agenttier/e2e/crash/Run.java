package io.agenttier.e2e.crash;

import java.util.Optional;

/** One scenario, and where in it the controller ends; empty where it does not. */
record Run(Scenario scenario, Optional<Fault> fault, Subject subject) {
    @Override
    public String toString() {
        return scenario + fault.map(f -> " ended " + f).orElse("") + " in " + subject.namespace();
    }
}
