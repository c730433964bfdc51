//! Lines at the bottom of a terminal that are drawn again and again, below lines that stay.

use std::fmt::Write as _;
use std::io::{self, Write};

use console::measure_text_width;

/// What was drawn last. The cursor stands at the end of it.
#[derive(Debug)]
pub(crate) struct Screen {
    drawn: Vec<String>,
    columns: usize,
}

impl Screen {
    /// Nothing is drawn.
    pub(crate) const fn new() -> Self {
        Self { drawn: Vec::new(), columns: 0 }
    }

    /// True if nothing is drawn.
    pub(crate) fn is_empty(&self) -> bool {
        self.drawn.is_empty()
    }

    /// Draws these lines in place of the last ones. They must be narrower than the terminal, which has so many columns now.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub(crate) fn draw(&mut self, lines: Vec<String>, columns: usize, out: &mut impl Write) -> io::Result<()> {
        if self.drawn == lines && self.columns == columns {
            return Ok(());
        }
        let mut text = self.back(columns);
        for (at, line) in lines.iter().enumerate() {
            let _ = write!(text, "{}{line}\x1b[K", if at > 0 { "\n" } else { "" });
        }
        text.push_str("\x1b[J");
        (self.drawn, self.columns) = (lines, columns);
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Takes the lines away.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub(crate) fn clear(&mut self, columns: usize, out: &mut impl Write) -> io::Result<()> {
        if self.drawn.is_empty() {
            return Ok(());
        }
        let text = format!("{}\x1b[J", self.back(columns));
        self.drawn.clear();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Takes the lines away until `print` has printed something in their place that stays.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub(crate) fn above<W: Write>(
        &mut self,
        columns: usize,
        out: &mut W,
        print: impl FnOnce(&mut W) -> io::Result<()>,
    ) -> io::Result<()> {
        let lines = self.drawn.clone();
        self.clear(columns, out)?;
        print(out)?;
        if lines.is_empty() { Ok(()) } else { self.draw(lines, columns, out) }
    }

    /// Goes to where the lines begin. A terminal that has become narrower has broken them into more rows.
    fn back(&self, columns: usize) -> String {
        let rows: usize = self.drawn.iter().map(|line| measure_text_width(line).max(1).div_ceil(columns.max(1))).sum();
        if rows > 1 { format!("\r\x1b[{}A", rows - 1) } else { "\r".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal(rows: u16, columns: u16) -> vt100::Parser {
        vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0)
    }

    /// A terminal that was given these bytes.
    fn shown(terminal: &mut vt100::Parser, bytes: &mut Vec<u8>) -> Vec<String> {
        // A terminal's own driver makes two characters of a line feed.
        let text = String::from_utf8(std::mem::take(bytes)).unwrap().replace('\n', "\r\n");
        terminal.process(text.as_bytes());
        let contents = terminal.screen().contents();
        contents.lines().map(str::to_owned).collect()
    }

    fn texts(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn lines_are_drawn_again_in_the_same_place() {
        let (mut screen, mut out) = (Screen::new(), Vec::new());
        let mut shows = terminal(10, 40);
        screen.draw(texts(&["one", "two", "three"]), 40, &mut out).unwrap();
        screen.draw(texts(&["1", "2"]), 40, &mut out).unwrap();
        assert_eq!(shown(&mut shows, &mut out), ["1", "2"]);
        screen.draw(texts(&["1", "2"]), 40, &mut out).unwrap();
        assert!(out.is_empty(), "nothing is new");
        screen.draw(texts(&["first", "2", "3"]), 40, &mut out).unwrap();
        assert_eq!(shown(&mut shows, &mut out), ["first", "2", "3"]);
        screen.clear(40, &mut out).unwrap();
        assert_eq!(shown(&mut shows, &mut out), Vec::<String>::new());
    }

    #[test]
    fn what_stays_stands_above() {
        let (mut screen, mut out) = (Screen::new(), Vec::new());
        let mut shows = terminal(10, 40);
        screen.draw(texts(&["one", "two"]), 40, &mut out).unwrap();
        for text in ["a note\n", "another\n"] {
            screen.above(40, &mut out, |out| out.write_all(text.as_bytes())).unwrap();
        }
        assert_eq!(shown(&mut shows, &mut out), ["a note", "another", "one", "two"]);
    }

    #[test]
    fn at_the_bottom_of_the_window_it_scrolls() {
        let (mut screen, mut out) = (Screen::new(), Vec::new());
        let mut shows = terminal(4, 40);
        for number in 0..6 {
            screen.above(40, &mut out, |out| writeln!(out, "note {number}")).unwrap();
            screen.draw(texts(&["one", "two"]), 40, &mut out).unwrap();
        }
        assert_eq!(shown(&mut shows, &mut out), ["note 4", "note 5", "one", "two"]);
    }

    #[test]
    fn a_window_that_shrank_keeps_nothing_of_the_wider_lines() {
        let (mut screen, mut out) = (Screen::new(), Vec::new());
        screen.draw(texts(&["0123456789012345678901234567890123456", "short"]), 40, &mut out).unwrap();
        out.clear();
        screen.draw(texts(&["new", "lines"]), 20, &mut out).unwrap();
        // The terminal has broken the first line into two rows: the cursor stands in the third.
        let mut shows = terminal(10, 20);
        shows.process(b"01234567890123456789\r\n01234567890123456\r\nshort");
        assert_eq!(shown(&mut shows, &mut out), ["new", "lines"]);
    }
}
