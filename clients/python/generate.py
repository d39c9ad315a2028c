"""Makes the package's generated modules: generate.py OPENAPI_JSON PACKAGE_FOLDER.

models.py        what the API answers, for pydantic: by datamodel-code-generator from the document's schemas
params.py        what it takes, as TypedDicts: by the same
_async/resources.py   a class for each resource and a method for each operation of an API key
_sync/           all of _async without `async`: by unasync
"""

from __future__ import annotations

import copy
import json
import re
import sys
from pathlib import Path
from typing import Any

import unasync
from datamodel_code_generator import DataModelType, InputFileType, LiteralType, PythonVersion, generate
from datamodel_code_generator.format import Formatter

Node = dict[str, Any]
mixins = {"charges": "AsyncChargeWaits", "withdrawals": "AsyncWithdrawalWaits", "events": "AsyncEventWaits"}
own_schemas: Node = {
    "Event": {
        "type": "object",
        "description": "Something that happened. `data` is the object that it happened to, as GET /v1/event_types describes it.",
        "properties": {
            **{name: {"type": "string"} for name in ("id", "type", "api_version", "environment", "workspace_id")},
            "object": {"const": "event"},
            "seq": {"type": "integer"},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"type": "object"},
        },
        "required": ["id", "object", "type", "seq", "timestamp", "api_version", "environment", "workspace_id", "data"],
    }
}


def pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"\W|_", name))


def singular(word: str) -> str:
    return re.sub(r"ies$", "y", word) if word.endswith("ies") else re.sub(r"(?<![su])s$", "", word)


# --- The operations ------------------------------------------------------------------------------------------------------


class Operation:
    """One operation of the document: its place in the client, and what it takes and returns."""

    def __init__(self, method: str, path: str, node: Node) -> None:
        self.method, self.path, self.node = method.upper(), path.removeprefix("/v1"), node
        segments = self.path.strip("/").split("/")
        if segments[0] == "workspace" and len(segments) > 1:
            segments = segments[1:]
        self.ids = re.findall(r"{(\w+)}", path)
        self.resource = segments[0]
        self.params = pascal(node["operationId"]) + "Params"
        success = next(node["responses"][status] for status in sorted(node["responses"]) if status.startswith("2"))
        self.answer: Node | None = success.get("content", {}).get("application/json", {}).get("schema")
        self.takes = self._takes()
        self.is_list = self.model.endswith("List")
        self.name = self._name(segments[1:])

    @property
    def model(self) -> str:
        """The name of the model that it returns."""
        reference = (self.answer or {}).get("$ref")
        return reference.rsplit("/", 1)[1] if reference else pascal(self.node["operationId"]) + "Answer"

    def _takes(self) -> Node | None:
        """The schema of its parameters: of the body, or of the query."""
        if "requestBody" in self.node:
            return self.node["requestBody"]["content"]["application/json"]["schema"]
        query = [each for each in self.node.get("parameters", []) if each.get("in") == "query"]
        if not query:
            return None
        schema: Node = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
        for each in query:
            is_names = each["schema"].get("type") == "array"  # sent separated by commas
            schema["properties"][each["name"]] = {"type": "string"} if is_names else each["schema"]
            if each.get("required"):
                schema["required"].append(each["name"])
        return schema

    def _name(self, rest: list[str]) -> str:
        verb = {"GET": "get", "POST": "create", "PATCH": "update", "PUT": "replace", "DELETE": "delete"}[self.method]
        words = [each for each in rest if not each.startswith("{")]
        if not words:
            return "list" if self.is_list else verb
        if rest[-1].startswith("{"):
            return f"{verb}_{singular(words[-1])}"
        if len(words) == 2:
            return f"{words[1]}_{singular(words[0])}" if rest[1].startswith("{") else "_".join(words)
        is_act = self.method == "POST" and not words[-1].endswith("s")
        return words[-1] if is_act or self.method == "GET" else f"{verb}_{singular(words[-1])}"

    def source(self) -> str:
        path = re.sub(r"{(\w+)}", r"{path_id(\1)}", self.path)
        quoted = f'f"{path}"' if self.ids else f'"{path}"'
        arguments = ["self", *(f"{name}: str" for name in self.ids)]
        if self.method == "POST":
            arguments += ["*", "idempotency_key: str | None = None"]
        if self.takes:
            arguments.append(f"**params: Unpack[params.{self.params}]")
        documentation = f'        """{self.node["summary"]}."""\n'
        if self.is_list:
            item = self.model.removesuffix("List")
            query = "params" if self.takes else "{}"
            return (
                f"    def {self.name}({', '.join(arguments)}) -> AsyncList[models.{item}]:\n{documentation}"
                f"        return AsyncList(self._client, models.{item}, {quoted}, query_of({query}))\n"
            )
        passed = [f"models.{self.model}", f'"{self.method}"', quoted]
        if self.takes:
            passed.append("query=query_of(params)" if self.method == "GET" else "body=body_of(params)")
        elif self.method == "POST" and "requestBody" in self.node:
            passed.append("body={}")
        if self.method == "POST":
            passed.append("idempotency_key=idempotency_key")
        return (
            f"    async def {self.name}({', '.join(arguments)}) -> models.{self.model}:\n{documentation}"
            f"        return await self._client.call({', '.join(passed)})\n"
        )


def operations(document: Node) -> list[Operation]:
    """Those of API keys that answer with JSON."""
    found = []
    for path, methods in document["paths"].items():
        for method, node in methods.items():
            if method not in ("get", "post", "patch", "put", "delete") or not path.startswith("/v1/"):
                continue
            if any("apiKey" in each for each in node.get("security", [])):
                found.append(Operation(method, path, node))
    return [each for each in found if each.answer is not None]


def resources_source(all_operations: list[Operation]) -> str:
    by_resource: dict[str, list[Operation]] = {}
    for each in all_operations:
        by_resource.setdefault(each.resource, []).append(each)
    parts = [
        '"""The resources of the API. Generated from its OpenAPI document: do not edit."""',
        "from __future__ import annotations\n",
        "from typing_extensions import Unpack\n",
        "from .. import models, params",
        "from .._parameters import body_of, path_id, query_of",
        "from .lists import AsyncCaller, AsyncList",
        f"from .waits import {', '.join(sorted(mixins.values()))}, AsyncResource\n",
    ]
    for resource, methods in by_resource.items():
        names = [each.name for each in methods]
        if twice := {name for name in names if names.count(name) > 1}:
            raise SystemExit(f"generate.py: {resource} has two methods of one name: {twice}")
        parts.append(f"\nclass Async{pascal(resource)}({mixins.get(resource, 'AsyncResource')}):")
        parts.append("\n".join(each.source() for each in methods))
    parts.append("\nclass AsyncResources:\n    def __init__(self, client: AsyncCaller) -> None:")
    parts += [f"        self.{resource} = Async{pascal(resource)}(client)" for resource in by_resource]
    return "\n".join(parts) + "\n"


# --- Their schemas -------------------------------------------------------------------------------------------------------


def opened(node: Any) -> Any:
    """A schema of an answer that also accepts what later versions of the API add: new names of an enumeration."""
    if isinstance(node, list):
        return [opened(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {name: opened(value) for name, value in node.items() if name != "additionalProperties"}
    if isinstance(made.get("format"), str) and made["format"] != "date-time":
        del made["format"]
    if "enum" in made and made.get("type") != "object":
        names = [name for name in made.pop("enum") if name is not None]
        kinds = made.pop("type", "string")
        choices: list[Node] = [{"type": "string", "enum": names}, {"type": "string"}]
        if isinstance(kinds, list) and "null" in kinds:
            choices.append({"type": "null"})
        made["anyOf"] = choices
    return made


def taken(node: Node) -> Node:
    """A schema of a request as a type: without the rules between members and the formats that the server checks."""
    rules = ("additionalProperties", "allOf", "format", "not", "propertyNames")
    made = {name: value for name, value in node.items() if name not in rules}
    if "properties" in made:
        made["properties"] = {name: taken(each) for name, each in made["properties"].items()}
    if "items" in made:
        made["items"] = taken(made["items"])
    return made


def answer_schemas(document: Node, all_operations: list[Operation]) -> Node:
    schemas = {name: node for name, node in document["components"]["schemas"].items() if not re.search("Event$|List$|^Error$|^Problem$", name)}
    for each in all_operations:
        if each.answer is not None and "$ref" not in each.answer:
            schemas[each.model] = each.answer
    return opened(schemas | own_schemas)


def write_types(schemas: Node, path: Path, model_type: DataModelType, description: str, **options: Any) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "LNTPay", "version": "1"},
        "paths": {},
        "components": {"schemas": copy.deepcopy(schemas)},
    }
    generate(
        json.dumps(document),
        input_file_type=InputFileType.OpenAPI,
        output=path,
        output_model_type=model_type,
        target_python_version=PythonVersion.PY_311,
        custom_file_header=f'"""{description} Generated from the OpenAPI document: do not edit."""',
        enum_field_as_literal=LiteralType.All,
        use_union_operator=True,
        use_standard_collections=True,
        use_annotated=True,
        use_schema_description=True,
        formatters=[Formatter.BUILTIN],
        use_double_quotes=True,
        disable_timestamp=True,
        **options,
    )


def main(document_path: str, package: Path) -> None:
    document = json.loads(Path(document_path).read_text())
    all_operations = operations(document)
    params = {each.params: taken(each.takes) for each in all_operations if each.takes}
    write_types(
        answer_schemas(document, all_operations),
        package / "models.py",
        DataModelType.PydanticV2BaseModel,
        "What the API answers.",
        base_class="lntpay._parameters.Model",
    )
    write_types(params, package / "params.py", DataModelType.TypingTypedDict, "What the API takes.")
    (package / "_async/resources.py").write_text(resources_source(all_operations))
    write_sync(package)


def write_sync(package: Path) -> None:
    sources = sorted((package / "_async").glob("*.py"))
    names = {name for each in sources for name in re.findall(r"\bAsync[A-Z]\w+", each.read_text())}
    replacements = {name: name.removeprefix("Async") for name in names}
    replacements |= {"aclose": "close", "aiter_bytes": "iter_bytes", "async_sleep": "sleep", "_async": "_sync"}
    rule = unasync.Rule(fromdir="/_async/", todir="/_sync/", additional_replacements=replacements)
    unasync.unasync_files([str(each) for each in sources], rules=[rule])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
