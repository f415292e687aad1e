"""What is no protobuf schema: always a SchemaError, of a kind that machines can tell, in bounded time and space."""

import tempfile
import time
from pathlib import Path

import pytest

from watcher.formats.protobuf import apart, parse, read_files
from watcher.model.errors import SchemaError
from watcher.model.types import Ref

P3 = 'syntax = "proto3"; '
DEEP = 10_000
OPTION = (
    'import "google/protobuf/descriptor.proto"; message O { repeated O o = 1; }'
    " extend google.protobuf.FileOptions { optional O x = 5000; } option (x) = "
)


def refused(text: str, *references: tuple[str, str]) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        parse(text, references)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "message {",
        "message M { int32 a = 1 }",
        "message M { Missing a = 1; }",
        "message M { int32 a = 1; int32 b = 1; }",
        "message M { int32 a = 0; }",
        "message M { required int32 a = 1; }",
        "message M { int32 a = 1 [(nobody) = 1]; }",
        "enum E { A = 1; }",
        "message M {} message M {}",
        "message M { oneof o {} }",
        "\0",
        '{"type": "record"}',
        "CREATE TABLE orders (id INT)",
    ],
)
def test_no_schema(text: str) -> None:
    """A text that the compiler does not take; the message says what, and where."""
    error = refused(P3 + text)

    assert error.kind == "invalid-schema"
    assert "schema.proto" in str(error)


def test_the_line_is_named() -> None:
    """A message names the line."""
    assert "line 3" in str(refused('syntax = "proto3";\n\nmessage M { Missing a = 1; }'))
    assert "line 3" in str(refused('edition = "2023";\n\nmessage M { Missing a = 1; }'))


def test_not_utf8() -> None:
    """Half of a surrogate pair is no text."""
    assert refused(P3 + '// "\ud800"').kind == "not-utf-8"


@pytest.mark.parametrize(
    "text",
    [
        "message M {" * DEEP,
        "message M {" * DEEP + "}" * DEEP,
        "message M {" * 40 + "}" * 40,
        "message M { oneof o { group G = 1 {" * DEEP,
        OPTION + "{o:" * DEEP + "{}" + "}" * DEEP + ";",
        OPTION + "{o <" * DEEP + ">}" * DEEP + ";",
        OPTION + "{o:" + "[" * DEEP + "]" * DEEP + "};",
        'option go_package = "\\\n' + "message M {" * DEEP + '";',
        "/" * 31 + "\n" + "message M {" * DEEP,
        "option go_package = 'a\"b';" + "message M {" * DEEP + '"',
    ],
    ids=["open", "closed", "few", "groups", "braces", "angles", "lists", "string", "comment", "quotes"],
)
def test_nesting(text: str) -> None:
    """Nesting beyond what people write, wherever it stands, never reaches the compiler's stack."""
    assert refused(P3 + text).kind in {"too-deep", "invalid-schema"}


@pytest.mark.parametrize("hidden", ["/* /* */", "#\n", "# /*\n", "/*"])
def test_nothing_hides_in_what_only_looks_like_a_comment(hidden: str) -> None:
    """Where the compiler reads on in what seems to be a comment, the text is refused before it."""
    assert refused(f"{P3}{hidden}" + "message M {" * DEEP).kind in {"too-deep", "invalid-schema"}


@pytest.mark.parametrize(
    "text",
    [
        "package " + ".".join("a" * 100_000) + ";",
        "package " + " . ".join("a" * 100_000) + ";",
        f"message {'M' * 100_000} {{ {'int32 a = 1;' * 10_000} }}",
        f"message {'M' * 255} {{" * 30 + "message A {}" * 100_000 + "}" * 30,
        "// " + "x" * 6_000_000,
    ],
    ids=["dots", "spaced-dots", "name", "names-in-names", "size"],
)
def test_size(text: str) -> None:
    """Texts that the compiler would work on for minutes, or fill the memory with, are refused at once."""
    start = time.monotonic()
    error = refused(P3 + text)

    assert error.kind in {"too-large", "too-complex"}
    assert time.monotonic() - start < 20


def test_names_in_many_files() -> None:
    """What files hold together counts, not only what each holds."""
    deep = f"message {'M' * 200} {{" * 20 + "message A {}" * 2000 + "}" * 20

    assert refused(P3, *((f"f{at}.proto", P3 + deep) for at in range(50))).kind == "too-complex"


@pytest.mark.parametrize("text", ["// {}", "/* {} */", "option go_package = '{}';"])
def test_long_words_in_texts_and_comments(text: str) -> None:
    """A long word is no name where it stands in a text or a comment."""
    assert parse(P3 + text.format("x" * 1000) + "\nmessage M {}").root == Ref("M")


def test_a_large_schema_is_read() -> None:
    """Two thousand fields, and as many messages, are no reason to refuse."""
    fields = " ".join(f"int32 f{at} = {at};" for at in range(1, 2001))
    messages = " ".join(f"message N{at} {{ int32 a = 1; }}" for at in range(2000))

    assert len(parse(f"{P3} message M {{ {fields} }} {messages}").named) == 1


@pytest.mark.parametrize(
    "text", ["option (x)=" * 850, "message M {" + "X a = 1;\n" * 4000 + "}"], ids=["line", "lines"]
)
def test_many_faults(text: str) -> None:
    """The compiler tells every fault with the lines around it: so many come to an end here, and the first is told."""
    start = time.monotonic()

    assert refused(P3 + text).kind == "invalid-schema"
    assert time.monotonic() - start < 30  # a second or two alone; this machine may have other work


@pytest.mark.parametrize("strange", ["\ufeff", "\\", "@", "\u00e9", "\u2028", "\x01", "`"])
def test_what_the_language_does_not_have(strange: str) -> None:
    """A sign that the language has only in texts and comments is refused at the first, not told a thousand times."""
    assert "does not belong there" in str(refused(P3 + "message M {}" + strange * 3000))
    assert parse(f"{P3} // {strange}\n message M {{}}").root == Ref("M")


def test_a_fault_in_a_large_text() -> None:
    """What is compiled apart is told in the same words."""
    text = P3 + "\n".join(f"message N{at} {{ int32 a = 1; }}" for at in range(2000)) + "\nmessage M { X a = 1; }"

    assert str(refused(text)) == "`schema.proto`, line 2001: name 'X' is not defined"


def test_more_faults_than_anyone_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text on which the compiler would work for hours is given up."""
    monkeypatch.setattr(apart, "SECONDS", 0.5)

    assert refused(P3 + "option (x)=\n" * 50_000).kind == "too-complex"


def test_missing_imports_are_named() -> None:
    """An import that is used and not there is an unknown reference."""
    error = refused(P3 + 'import "money.proto"; message M { m.Money a = 1; }')

    assert error.kind == "unknown-reference"
    assert "money.proto" in str(error)


def test_circles_of_imports() -> None:
    """Files that import each other are refused."""
    circle = ("a.proto", P3 + 'import "b.proto";'), ("b.proto", P3 + 'import "a.proto";')

    assert "cycle" in str(refused(P3 + 'import "a.proto";', *circle))


def test_a_long_chain_of_imports() -> None:
    """A chain of imports that would exhaust the compiler's stack is refused."""
    chain = [(f"f{at}.proto", f'{P3} import "f{at + 1}.proto";') for at in range(DEEP)]

    assert refused(P3 + 'import "f0.proto";', *chain).kind == "too-large"


@pytest.mark.parametrize(
    "name", ["../escape.proto", "/escape.proto", "a/../../escape.proto", "a\\b", "", "\0", "\ud800", "a//b", "."]
)
def test_names_that_leave_the_folder(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference whose name is no import path is never written anywhere; a file of such a name is refused."""
    (tmp_path / "deep").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "deep"))

    assert parse(P3 + "message M {}", [(name, P3)]).root == Ref("M")
    with pytest.raises(SchemaError):
        read_files({name: P3})
    assert [*tmp_path.rglob("*")] == [tmp_path / "deep"]
    assert not Path("/escape.proto").exists()


def test_files_in_each_others_place() -> None:
    """A name that is a file and a folder cannot be laid out."""
    assert "beside each other" in str(refused(P3 + "message M {}", ("a", P3), ("a/b", P3)))


def test_well_known_types_cannot_be_replaced() -> None:
    """A reference that calls itself a well-known file is not heard."""
    forged = ("google/protobuf/timestamp.proto", P3 + "package google.protobuf; message Timestamp { string x = 1; }")
    text = P3 + 'import "google/protobuf/timestamp.proto"; message M { google.protobuf.Timestamp at = 1; }'

    assert parse(text, [forged]) == parse(text)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that the compiler reads is gone after each call, whatever came of it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    parse(P3 + "message M {}")
    refused(P3 + "message {")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('edition = "2024"; message M {}', "unsupported-format"),
        ("edition = 2023", "invalid-schema"),
        ('edition = "2023"; message M { optional int32 a = 1; }', "invalid-schema"),
        ('edition = "2023"; message M { required int32 a = 1; }', "invalid-schema"),
        ('edition = "2023"; message M { group G = 1 { int32 a = 1; } }', "invalid-schema"),
        ('edition = "2023"; message M { int32 a = 1 [features.field_presence = SOMETIMES]; }', "invalid-schema"),
        ('edition = "2023"; option features.colour = RED;', "invalid-schema"),
        ('edition = "2023"; message M { int32 a = 1; } }', "invalid-schema"),
        ('edition = "2023"; message M { int32 a = 1 [', "invalid-schema"),
    ],
)
def test_editions(text: str, kind: str) -> None:
    """A later edition is refused as one that cannot be read; what edition 2023 does not have is no schema of it."""
    assert refused(text).kind == kind
