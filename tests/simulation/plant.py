"""Plants the faults of plants.txt: plant.py --sources, plant.py --names TARGET, or plant.py SOURCE TARGET.

plants.txt has blocks, each about one source of the product:

    == NAME | SOURCE
    what stands there, exactly once
    --
    what stands there instead, with planted("NAME") where the fault shows

Several blocks may have one name. What is not found any more ends the build: the plant is to be mended.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def plants():
    text = (pathlib.Path(__file__).parent / "plants.txt").read_text()
    for block in re.split(r"^== ", text, flags=re.M)[1:]:
        head, body = block.split("\n", 1)
        name, source = (part.strip() for part in head.split("|"))
        before, after = body.split("\n--\n")
        yield name, source, before.strip("\n"), after.strip("\n")


def main():
    if sys.argv[1:] == ["--sources"]:
        print(";".join(sorted({source for _, source, _, _ in plants()})), end="")
        return
    source, target = sys.argv[1:]
    path = pathlib.Path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    if source == "--names":
        names = ", ".join(f'"{name}"' for name in dict.fromkeys(name for name, *_ in plants()))
        path.write_text(f'#include "{ROOT}/tests/simulation/plant_names.h"\nnamespace ipm::simulation {{\n'
                        f"std::vector<std::string> plant_names() {{ return {{{names}}}; }}\n}}\n")
        return
    text = (ROOT / source).read_text()
    for name, where, before, after in plants():
        if where != source:
            continue
        if text.count(before) != 1:
            sys.exit(f"plants.txt: {name}: not found exactly once in {source}:\n{before}")
        text = text.replace(before, after)
    path.write_text(f'#include "{ROOT}/tests/simulation/planted.h"\n#line 1 "{ROOT / source}"\n{text}')


if __name__ == "__main__":
    main()
