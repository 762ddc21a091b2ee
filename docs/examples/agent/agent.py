"""A LangGraph agent that is invoked once per prompt: prompt on stdin, answer on stdout.

Each call is a new process. What it has to know the next time lies below the workspace, which outlives calls, stops and crashes: the
conversation in SQLite by LangGraph's own checkpointer, the notes in a file of their own.
"""
import os
import pathlib
import sys

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

MEMORY = pathlib.Path(os.environ.get("AGENT_MEMORY", "/workspace/memory"))


@tool
def remember(note: str) -> str:
    """Keeps a note for later calls."""
    with (MEMORY / "notes.txt").open("a", encoding="utf-8") as notes:
        notes.write(note + "\n")
    return f"I keep in mind: {note}"


@tool
def recall() -> str:
    """Tells every note that was kept."""
    path = MEMORY / "notes.txt"
    notes = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return f"I know {len(notes)}: " + ", ".join(notes) if notes else "I know nothing yet"


class ScriptedModel(BaseChatModel):
    """Stands where a real model stands and needs no key: the first word of the prompt chooses the tool."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools, **kwargs):
        return self

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        return ChatResult(generations=[ChatGeneration(message=self.answer(messages))])

    def answer(self, messages) -> AIMessage:
        last = messages[-1]
        prompts = sum(isinstance(message, HumanMessage) for message in messages)
        if isinstance(last, ToolMessage):
            return AIMessage(f"prompt {prompts}: {last.content}")
        word, _, rest = last.content.strip().partition(" ")
        if word == "remember" and rest:
            return AIMessage("", tool_calls=[{"name": "remember", "args": {"note": rest}, "id": f"call-{prompts}"}])
        if word == "recall":
            return AIMessage("", tool_calls=[{"name": "recall", "args": {}, "id": f"call-{prompts}"}])
        return AIMessage(f'prompt {prompts}: say "remember …" or "recall"')


def build(model: BaseChatModel) -> StateGraph:
    """The model thinks; while it asks for tools they run, and it thinks again."""
    tools = [remember, recall]
    thinker = model.bind_tools(tools)
    graph = StateGraph(MessagesState)
    graph.add_node("think", lambda state: {"messages": [thinker.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode(tools))
    graph.add_edge(START, "think")
    graph.add_conditional_edges("think", tools_condition)
    graph.add_edge("tools", "think")
    return graph


def main() -> None:
    prompt = sys.stdin.read()
    MEMORY.mkdir(parents=True, exist_ok=True)
    with SqliteSaver.from_conn_string(str(MEMORY / "conversation.sqlite")) as saver:
        agent = build(ScriptedModel()).compile(checkpointer=saver)
        thread = {"configurable": {"thread_id": "main"}}
        state = agent.invoke({"messages": [HumanMessage(prompt)]}, thread)
    print(state["messages"][-1].content)


if __name__ == "__main__":
    main()
