"""Draws a machine, as compiled, with the names that its page uses."""


def byte_text(value):
    return f"'{chr(value)}'" if 0x21 <= value <= 0x7e and value not in (0x22, 0x5c) else f"{value}"


def symbols_text(low, high, events):
    if events:
        return [events[value] for value in range(low, high + 1) if value in events]
    if (low, high) == (0, 255):
        return ["any"]
    return [byte_text(low) if low == high else f"{byte_text(low)}..{byte_text(high)}"]


def dot(machine, page, events):
    """The dot text: arrows that ignore or stay are left out, parallel ones share a label."""
    names = {number: name for name, number in machine.state_numbers.items()}
    values = {value: word for word, value in events.items()}
    hidden = {"ignore", "step"} | {f"in_{state}" for state in page.ends}
    labels = {}
    for arrow in machine.arrows:
        actions = [a for a in arrow.actions if a not in hidden]
        if arrow.source == arrow.target and not actions:
            continue
        guard = "".join(f" [{'' if holds else 'not '}{name}]" for name, holds in arrow.conditions)
        key = (names[arrow.source], names[arrow.target], guard, ", ".join(actions))
        labels.setdefault(key, []).extend(symbols_text(arrow.low, arrow.high, values))
    lines = [f"digraph {machine.name} {{", "\trankdir = LR;",
             "\tnode [ shape = box, style = rounded, fontname = Helvetica ];",
             "\tedge [ fontname = Helvetica, fontsize = 10 ];",
             f"\t{names[machine.start]} [ penwidth = 2 ];"]
    lines += [f"\t{state} [ peripheries = 2 ];" for state in page.ends]
    for (source, target, guard, actions), symbols in sorted(labels.items()):
        text = ", ".join(symbols) + guard + (f"\\n/ {actions}" if actions else "")
        lines.append(f"\t{source} -> {target} [ label = \"{text}\" ];")
    return "\n".join(lines + ["}", ""])
