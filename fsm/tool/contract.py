"""Makes the ACSL contract of a machine from its page: one named predicate per row."""

from expression import to_acsl, to_c
from page import split_list


def byte_set(page, row, text):
    """'1..14, 0x20' -> the ACSL predicate over c; 'any' -> None."""
    if text == "any":
        return None
    parts = []
    for item in split_list(text):
        low, _, high = item.partition("..")
        try:
            low, high = byte_value(low), byte_value(high or low)
        except ValueError:
            page.fail(row.line, f"'{item}' is no byte and no range of bytes")
        parts.append(f"c == {low}" if low == high else f"{low} <= c <= {high}")
    return parts[0] if len(parts) == 1 else "(" + " || ".join(f"({p})" for p in parts) + ")"


ESCAPES = {"\\n": 10, "\\r": 13, "\\t": 9, "\\0": 0, "\\\\": 92, "space": 32, "comma": 44}


def byte_value(text):
    text = text.strip()
    if len(text) >= 3 and text[0] == text[-1] == "'":
        inner = text[1:-1]
        if inner in ESCAPES:
            return ESCAPES[inner]
        if len(inner) != 1:
            raise ValueError(text)
        return ord(inner)
    if text in ESCAPES:
        return ESCAPES[text]
    return int(text, 0)


class Contract:
    def __init__(self, page, header):
        self.page, self.header = page, header
        self.name, self.prefix = page.name, page.name.upper()
        self.fields = page.fields

    def state(self, word, line):
        if word not in self.page.states:
            self.page.fail(line, f"no state '{word}' under '## States'")
        return f"{self.prefix}_IN_{word.upper()}"

    def symbol(self, row):
        """The predicate 'this row's symbols', or None where the row takes every symbol."""
        if not self.page.is_event_machine:
            return None if row["on"] == "else" else byte_set(self.page, row, row["on"])
        for word in split_list(row["on"]):
            if word not in self.page.events:
                self.page.fail(row.line, f"no event '{word}' under '## Alphabet'")
        names = [f"event == {self.prefix}_{word}" for word in split_list(row["on"])]
        return names[0] if len(names) == 1 else "(" + " || ".join(names) + ")"

    def conditions(self):
        """Per row: the predicate under which it is the one that applies."""
        conditions, seen = {}, {}
        for row in self.page.tables["Table"]:
            earlier = seen.setdefault(row["from"], [])
            symbol, guard = self.symbol(row), row["when"]
            parts = [symbol] if symbol else []
            if row["on"] == "else":
                parts += [f"!({s})" for s in dict.fromkeys(s for s, _ in earlier if s)]
            if guard == "otherwise":
                same = [g for s, g in earlier if s == symbol and g]
                if not same:
                    self.page.fail(row.line, "'otherwise' without a guarded row before it")
                parts += [f"!({g})" for g in same]
                guard_acsl = None
            else:
                guard_acsl = to_acsl(guard, self.fields, old=True) if guard else None
                parts += [f"({guard_acsl})"] if guard_acsl else []
            earlier.append((symbol, guard_acsl))
            conditions[row["row"]] = " && ".join(parts) or "\\true"
        return conditions

    def assignments(self, row):
        """The fields a row sets, as ACSL equalities, and those it leaves alone."""
        left = dict.fromkeys(self.fields)
        equalities = []
        for part in split_list(row["set"], ";"):
            field, _, value = (p.strip() for p in part.partition("="))
            if field not in left:
                self.page.fail(row.line, f"'{field}' is no field, or is set twice")
            del left[field]
            cast = self.header.types[field]
            value = to_acsl(value, self.fields, old=True)
            equalities.append(f"m->{field} == ({cast})({value})")
        return equalities + [f"m->{field} == \\old(m->{field})" for field in left]

    def effects(self, row):
        words = split_list(row.get("do", ""))
        for word in words:
            if word not in self.header.effects:
                self.page.fail(row.line, f"no effect {self.prefix}_DO_{word.upper()}")
        return " + ".join(f"{self.prefix}_DO_{word.upper()}" for word in words) or "0"

    def postconditions(self):
        """What step does, state by state: the rows, then what no row names."""
        result, conditions = [], self.conditions()
        for row in self.page.tables["Table"]:
            before = f"\\old(m->cs) == {self.state(row['from'], row.line)}"
            after = [f"m->cs == {self.state(row['to'], row.line)}"]
            if self.page.is_event_machine:
                after.append(f"\\result == {self.effects(row)}")
            after += self.assignments(row)
            result.append((row["row"], f"{before} && {conditions[row['row']]} ==>\n\t  "
                           + " &&\n\t  ".join(after)))
        unchanged = [f"m->{field} == \\old(m->{field})" for field in ["cs"] + self.fields]
        if self.page.is_event_machine:
            unchanged.append("\\result == 0")
        for row in self.page.tables["States"]:
            state = row["state"]
            rows = [r["row"] for r in self.page.tables["Table"] if r["from"] == state]
            if not self.page.is_event_machine and not row["end"]:
                continue
            others = "".join(f" &&\n\t  !({conditions[r]})" for r in rows)
            result.append((f"stay_{state}", f"\\old(m->cs) == {self.state(state, row.line)}"
                           f"{others} ==>\n\t  " + " &&\n\t  ".join(unchanged)))
        if not self.page.is_event_machine:
            result += self.totality(conditions)
        return self.grouped(result)

    def grouped(self, postconditions):
        """The same named predicates as one postcondition: WP proves a postcondition along every
        path of step, so that the goals would be as many as rows times arrows otherwise. With
        BY_STATE it falls apart into one per state, by which an open goal is told in words."""
        groups = {state: [] for state in self.page.states}
        for label, text in postconditions:
            state = next(s for s in groups if text.startswith(
                f"\\old(m->cs) == {self.state(s, 0)} "))
            groups[state].append(f"({label}: ({text}))")
        return "\\true" + "".join(
            f"\n\tSTATE({state}) " + " &&\n\t  ".join(texts) for state, texts in groups.items())

    def totality(self, conditions):
        """A byte machine ignores nothing: each state that has not ended names every byte."""
        for row in self.page.tables["States"]:
            rows = [r["row"] for r in self.page.tables["Table"] if r["from"] == row["state"]]
            if row["end"] and rows:
                self.page.fail(row.line, f"'{row['state']}' has ended, yet row '{rows[0]}' leaves it")
            if not row["end"]:
                either = " ||\n\t  ".join(f"({conditions[r]})" for r in rows)
                yield (f"total_{row['state']}",
                       f"\\old(m->cs) == {self.state(row['state'], row.line)} ==>\n\t  {either}")

    def invariant(self):
        """state -> the expressions that hold in it, in the page's order; and those of any state."""
        common, by_state = [], {state: [] for state in self.page.states}
        for row in self.page.tables["Invariant"]:
            if row["in"] == "any":
                common.append(row["holds"])
                continue
            for word in split_list(row["in"]):
                self.state(word, row.line)
                by_state[word].append(row["holds"])
        return common, by_state

    def predicate(self):
        common, by_state = self.invariant()
        lines = [" || ".join(f"v.cs == {self.state(state, 0)}" for state in by_state)]
        lines += [to_acsl(holds, self.fields) for holds in common]
        for state, all_hold in by_state.items():
            if all_hold:
                text = " && ".join(f"({to_acsl(holds, self.fields)})" for holds in all_hold)
                lines.append(f"v.cs == {self.state(state, 0)} ==> {text}")
        return " &&\n\t".join(f"({line})" for line in lines)

    def ok_function(self):
        """The same invariant as a C function, which asserts and fuzzers call."""
        common, by_state = self.invariant()
        text = f"int {self.name}_ok(const struct {self.name} *m)\n{{\n"
        if common:
            broken = " || ".join(f"!({to_c(holds, self.fields)})" for holds in common)
            text += f"\tif ({broken})\n\t\treturn 0;\n"
        text += "\tswitch (m->cs) {\n"
        for state, all_hold in by_state.items():
            value = " && ".join(f"({to_c(holds, self.fields)})" for holds in all_hold) or "1"
            text += f"\tcase {self.state(state, 0)}:\n\t\treturn {value};\n"
        return text + "\tdefault:\n\t\treturn 0;\n\t}\n}\n"

    def init(self):
        parts = [f"m->cs == {self.state(self.page.states[0], 0)}"]
        for row in self.page.tables["Fields"]:
            parts.append(f"m->{row['field']} == {row['initial']}")
        return " && ".join(parts)

    def text(self):
        name, page = self.name, self.page
        labels = [row["row"] for row in page.tables["Table"]]
        twice = {label for label in labels if labels.count(label) > 1}
        if twice:
            page.fail(0, f"two rows bear the id '{sorted(twice)[0]}'")
        ensures = f"\tensures table: {self.postconditions()};\n"
        if page.is_event_machine:
            first, last = page.events[0], page.events[-1]
            step = (f"/*@ requires \\valid(m) && {name}_inv(*m);\n"
                    f"\trequires alphabet: {self.prefix}_{first} <= event <= {self.prefix}_{last};\n"
                    f"\tassigns *m;\n\tensures invariant: {name}_inv(*m);\n{ensures}*/\n"
                    f"uint32_t {name}_step(struct {name} *m, enum {name}_event event, uint32_t n);\n")
        else:
            step = (f"/*@ requires \\valid(m) && {name}_inv(*m);\n"
                    f"\tassigns *m;\n\tensures invariant: {name}_inv(*m);\n{ensures}*/\n"
                    f"void {name}_step(struct {name} *m, uint8_t c);\n\n" + self.feed())
        return (f"#include \"gen/{name}.h\"\n\n{self.words()}/*@ predicate {name}_inv(struct {name} v) =\n\t"
                f"{self.predicate()};\n*/\n\n"
                f"/*@ requires \\valid(m);\n\tassigns *m;\n\tensures initial: {self.init()};\n"
                f"\tensures invariant: {name}_inv(*m);\n*/\n{self.header.init}\n\n{self.ended()}{step}\n"
                f"/*@ requires \\valid_read(m);\n\tassigns \\nothing;\n"
                f"\tensures same: \\result != 0 <==> {name}_inv(*m);\n*/\n"
                f"int {name}_ok(const struct {name} *m);\n")

    def words(self):
        """What claims are written with. Bits are told by arithmetic, which provers compute."""
        by_state = ("#ifdef BY_STATE\n#define STATE(name) ; ensures rows_##name:\n#else\n"
                    "#define STATE(name) &&\n#endif\n\n")
        if not self.page.is_event_machine:
            return by_state
        return (by_state + f"#define DOES(effect) ((\\result / {self.prefix}_DO_##effect) % 2 == 1)\n"
                f"#define WAS(state)   (\\old(m->cs) == {self.prefix}_IN_##state)\n"
                f"#define IS(state)    (m->cs == {self.prefix}_IN_##state)\n"
                f"#define ON(word)     (event == {self.prefix}_##word)\n\n")

    def ended(self):
        name = self.name
        ended = " || ".join(f"m->cs == {self.state(s, 0)}" for s in self.page.ends)
        if not ended:
            return ""
        return (f"/*@ requires \\valid_read(m);\n\tassigns \\nothing;\n"
                f"\tensures ended: \\result != 0 <==> ({ended});\n*/\n"
                f"int {name}_ended(const struct {name} *m);\n\n")

    def feed(self):
        name = self.name
        ended = " || ".join(f"m->cs == {self.state(s, 0)}" for s in self.page.ends)
        return (f"/*@ requires \\valid(m) && {name}_inv(*m);\n"
                f"\trequires \\valid_read(bytes + (0 .. n-1));\n"
                f"\trequires \\separated(m, bytes + (0 .. n-1));\n"
                f"\tassigns *m;\n\tensures invariant: {name}_inv(*m);\n"
                f"\tensures used: 0 <= \\result <= n;\n"
                f"\tensures whole: !({ended}) ==> \\result == n;\n*/\n"
                f"size_t {name}_feed(struct {name} *m, const uint8_t *bytes, size_t n);\n")
