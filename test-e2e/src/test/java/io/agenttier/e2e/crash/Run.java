package io.agenttier.e2e.crash;

/** One death: a scenario, and where in it the controller ends. */
record Run(Scenario scenario, Fault fault, Subject subject) {
    @Override
    public String toString() {
        return scenario + " ended " + fault + " in " + subject.namespace();
    }
}
