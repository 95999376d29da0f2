import json
import os
import sys

import openai

client = openai.OpenAI()
model = os.environ["MODEL"]
hello = [{"role": "user", "content": "Hello"}]


def models():
    print(*[one.id for one in client.models.list()])


def whole():
    answer = client.chat.completions.create(model=model, messages=hello, temperature=0, seed=7)
    choice, usage = answer.choices[0], answer.usage
    print(choice.message.content, choice.finish_reason, f"{usage.prompt_tokens}+{usage.completion_tokens}", sep="|")


def stream():
    text, finish, total = "", None, None
    wish = {"include_usage": True}
    for chunk in client.chat.completions.create(model=model, messages=hello, stream=True, stream_options=wish):
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
        if chunk.usage:
            total = chunk.usage.total_tokens
    print(text, finish, total, sep="|")


def tools():
    parameters = {"type": "object", "properties": {"what": {"type": "string"}}, "required": ["what"]}
    tool = {"type": "function", "function": {"name": "find", "parameters": parameters}}
    answer = client.chat.completions.create(model=model, messages=hello, tools=[tool], tool_choice="required")
    call = answer.choices[0].message.tool_calls[0].function
    print(call.name, json.loads(call.arguments)["what"], answer.choices[0].finish_reason, sep="|")


def refused(name):
    try:
        client.chat.completions.create(model=name, messages=hello)
    except openai.APIStatusError as error:
        print(type(error).__name__, error.status_code, error.code, error.param, sep="|")


def broken():
    text = ""
    try:
        for chunk in client.chat.completions.create(model=model, messages=hello, stream=True):
            text += chunk.choices[0].delta.content or ""
    except openai.APIError as error:
        print(text, type(error).__name__, sep="|")


parts = {
    "models": models,
    "whole": whole,
    "stream": stream,
    "tools": tools,
    "error": lambda: refused(model),
    "unknown": lambda: refused("nobody/knows"),
    "broken": broken,
}
parts[sys.argv[1]]()
