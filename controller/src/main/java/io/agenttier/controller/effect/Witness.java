package io.agenttier.controller.effect;

/** Sees every effect right before and right after it, on the thread that has it. The program itself runs with {@link #NONE}. */
public interface Witness {
    /** Looks away. */
    Witness NONE = new Witness() {
        @Override
        public void before(Effect effect, String target) {}

        @Override
        public void after(Effect effect, String target) {}
    };

    /** @param target path of the object that is written, or of the sandbox whose daemon is called */
    void before(Effect effect, String target);

    /** The call has come to an end, whatever it brought; not called if it failed without an answer. */
    void after(Effect effect, String target);
}
