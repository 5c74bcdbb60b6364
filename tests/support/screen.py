"""A model of a terminal's screen: enough of it to see what a person would see.

It knows what our programs use and refuses every other escape sequence, because one that it does not
know is one that should not have been sent.
"""

import re
import unicodedata

CSI = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])")


def width_of(char):
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


class Screen:
    def __init__(self, columns=80, rows=24):
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.wraps = self.shows_cursor = True
        self.pastes = False
        self.scrolled = []  # lines that left at the top
        self.colours = 0  # changes of style so far
        self.rest = ""

    def resize(self, columns, rows):
        """As a terminal that cuts lines and does not break them again."""
        lines = [(row + [" "] * columns)[:columns] for row in self.cells]
        while len(lines) > rows and (self.row >= rows or len(lines) - 1 > self.row):
            if self.row >= rows:
                self.scrolled.append("".join(lines.pop(0)).rstrip())
                self.row -= 1
            else:
                lines.pop()
        lines += [[" "] * columns for _ in range(rows - len(lines))]
        self.cells, self.columns, self.rows = lines, columns, rows
        self.column = min(self.column, columns - 1)

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        while text:
            if text[0] == "\x1b":
                found = CSI.match(text)
                if not found:
                    if len(text) < 16 and re.fullmatch(r"\x1b(\[\??[0-9;]*)?", text):
                        self.rest = text
                        return
                    raise AssertionError("an escape sequence that nobody meant: %r" % text[:16])
                self.control(*found.groups())
                text = text[found.end() :]
            else:
                self.put(text[0])
                text = text[1:]

    def put(self, char):
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self.line_feed()
        elif char == "\x07":
            pass
        elif char == "\b":
            self.column = max(0, self.column - 1)
        elif ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0:
            raise AssertionError("a control character that nobody meant: %r" % char)
        else:
            self.draw(char, width_of(char))

    def draw(self, char, width):
        if width == 0:
            return
        if self.column + width > self.columns:
            if not self.wraps:
                return
            self.column = 0
            self.line_feed()
        self.cells[self.row][self.column] = char
        if width == 2:
            self.cells[self.row][self.column + 1] = ""
        self.column += width

    def line_feed(self):
        if self.row + 1 < self.rows:
            self.row += 1
            return
        self.scrolled.append("".join(self.cells.pop(0)).rstrip())
        self.cells.append([" "] * self.columns)

    def control(self, private, parameters, letter):
        n = int(parameters or "1") if ";" not in parameters else 1
        if private:
            self.mode(parameters, letter == "h")
        elif letter == "m":
            self.colours += 1
        elif letter == "A":
            self.row = max(0, self.row - n)
        elif letter == "C":
            self.column = min(self.columns - 1, self.column + n)
        elif letter == "H" and not parameters:
            self.row = self.column = 0
        elif letter == "K" and not parameters:
            at = self.last_column()
            self.cells[self.row][at:] = [" "] * (self.columns - at)
        elif letter == "J" and parameters in ("", "2"):
            self.erase(*((self.row, self.last_column()) if parameters == "" else (0, 0)))
        else:
            raise AssertionError("an escape sequence that nobody meant: %s%s" % (parameters, letter))

    def last_column(self):
        """Behind a full line the cursor still stands on its last character."""
        return min(self.column, self.columns - 1)

    def mode(self, parameters, is_on):
        if parameters == "25":
            self.shows_cursor = is_on
        elif parameters == "7":
            self.wraps = is_on
        elif parameters == "2004":
            self.pastes = is_on
        else:
            raise AssertionError("a mode that nobody meant: " + parameters)

    def erase(self, row, column):
        self.cells[row][column:] = [" "] * (self.columns - column)
        for below in range(row + 1, self.rows):
            self.cells[below] = [" "] * self.columns

    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]

    def text(self):
        return "\n".join(self.lines()).rstrip()

    def history(self):
        """What was on the screen and left it, and what is on it."""
        return "\n".join(self.scrolled) + "\n" + self.text()
