//! A line as words, quoted text and marks, each with its column.

use alloc::format;
use alloc::string::String;

use super::Error;

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Anything between spaces and marks.
    Word(&'a str),
    /// What stands between two quotes.
    Quoted(&'a str),
    /// A quote that is never closed.
    Unclosed,
    /// One of [`MARKS`].
    Mark(char),
    /// There is nothing more.
    End,
}

const MARKS: [char; 4] = [',', '|', ':', '%'];

/// A place in a line.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str, line: u32) -> Self {
        Self { text, at: 0, line }
    }

    /// The line that it is in, from 1.
    pub(super) const fn line(&self) -> u32 {
        self.line
    }

    /// What follows, and where it begins and ends.
    fn lex(&self) -> (Token<'a>, usize, usize) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        let start = self.text.len() - trimmed.len();
        let Some(first) = trimmed.chars().next() else { return (Token::End, start, start) };
        if MARKS.contains(&first) {
            return (Token::Mark(first), start, start + 1);
        }
        if first == '"' {
            return match trimmed[1..].split_once('"') {
                Some((inside, _)) => (Token::Quoted(inside), start, start + inside.len() + 2),
                None => (Token::Unclosed, start, self.text.len()),
            };
        }
        let ends = |c: char| c.is_whitespace() || c == '"' || MARKS.contains(&c);
        let length = trimmed.find(ends).unwrap_or(trimmed.len());
        (Token::Word(&trimmed[..length]), start, start + length)
    }

    /// What comes next.
    pub(super) fn peek(&self) -> Token<'a> {
        self.lex().0
    }

    /// What comes next, and goes beyond it.
    pub(super) fn next(&mut self) -> Token<'a> {
        let (token, _, end) = self.lex();
        self.at = end;
        token
    }

    /// All that is left, as it is written.
    pub(super) fn rest(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default().trim();
        self.at = self.text.len();
        rest
    }

    /// Goes beyond these words, if they come next.
    pub(super) fn accept(&mut self, words: &str) -> bool {
        let mut ahead = self.clone();
        let all = words.split(' ').all(|word| ahead.next() == Token::Word(word));
        if all {
            self.at = ahead.at;
        }
        all
    }

    /// Goes beyond a mark, if it comes next.
    pub(super) fn accept_mark(&mut self, mark: char) -> bool {
        let found = self.peek() == Token::Mark(mark);
        if found {
            self.next();
        }
        found
    }

    /// An error at what comes next. A quote that is never closed is the first thing to mend.
    pub(super) fn fail(&self, sentence: impl Into<String>) -> Error {
        let (token, start, _) = self.lex();
        let sentence = match token {
            Token::Unclosed => "A quote is opened and never closed: add the second one.".into(),
            _ => sentence.into(),
        };
        // Behind the last word, at the end of the line.
        let start = if token == Token::End { self.text.trim_end().len() } else { start };
        let before = self.text.get(..start).unwrap_or_default().chars().count();
        Error { line: self.line, column: before as u32 + 1, sentence }
    }

    /// An error that says what was found instead.
    pub(super) fn wrong(&self, wanted: &str) -> Error {
        let found = match self.peek() {
            Token::Word(word) => format!("\"{}\" does not fit here", shorten(word)),
            Token::Quoted(text) => format!("the text \"{}\" does not fit here", shorten(text)),
            Token::Mark(mark) => format!("the \"{mark}\" does not fit here"),
            Token::Unclosed | Token::End => "the line ends too early".into(),
        };
        self.fail(format!("{}: write {wanted}.", capital(&found)))
    }

    /// Goes beyond words that must come next.
    pub(super) fn need(&mut self, words: &str, form: &str) -> Result<(), Error> {
        if self.accept(words) { Ok(()) } else { Err(self.wrong(form)) }
    }

    /// Quoted text that must come next.
    pub(super) fn quoted(&mut self, form: &str) -> Result<&'a str, Error> {
        match self.peek() {
            Token::Quoted(text) => {
                self.next();
                Ok(text)
            }
            _ => Err(self.wrong(form)),
        }
    }

    /// The line must end here.
    pub(super) fn finish(&self) -> Result<(), Error> {
        let found = match self.peek() {
            Token::End => return Ok(()),
            Token::Word(word) | Token::Quoted(word) => shorten(word),
            Token::Mark(mark) => mark.into(),
            Token::Unclosed => String::new(),
        };
        Err(self.fail(format!("\"{found}\" is too much here: end the line before it.")))
    }
}

/// The beginning of what may be long or strange, fit to be shown.
pub(super) fn shorten(word: &str) -> String {
    let mut short: String = word.chars().take(24).collect();
    if short.len() < word.len() {
        short.push('…');
    }
    short.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// The word of a list that was probably meant: it differs in at most two letters.
pub(super) fn near<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 40 {
        return None;
    }
    let close = known.map(|other| (distance(word, other), other)).min_by_key(|(far, _)| *far);
    close.filter(|(far, other)| *far <= 2 && *far < other.len()).map(|(_, other)| other)
}

/// How many letters must be put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let mut row: alloc::vec::Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.chars().enumerate() {
            let change = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_counts_letters_put_in_taken_out_and_changed() {
        for (one, other, far) in [
            ("", "", 0),
            ("crash", "crash", 0),
            ("crsh", "crash", 1),
            ("crash", "crsh", 1),
            ("crush", "crash", 1),
            ("ab", "ba", 2),
            ("", "heal", 4),
            ("heal", "", 4),
            ("abcdef", "bcdefg", 2),
            ("restart", "start", 2),
        ] {
            assert_eq!(distance(one, other), far, "{one} {other}");
        }
    }

    #[test]
    fn a_word_is_near_if_it_differs_in_at_most_two_letters_and_has_one_in_common() {
        let known = || ["crash", "restart", "cut", "at"].into_iter();
        assert_eq!(near("crsh", known()), Some("crash"));
        assert_eq!(near("resta", known()), Some("restart"));
        assert_eq!(near("rest", known()), None, "three letters are missing");
        assert_eq!(near("xy", ["at"].into_iter()), None, "nothing is left of it");
        let long = "a".repeat(40);
        assert_eq!(near(&long, [&*long].into_iter()), Some(&*long));
        let longer = "a".repeat(41);
        assert_eq!(near(&longer, [&*longer].into_iter()), None, "it is not even looked at");
    }

    #[test]
    fn what_is_shown_of_a_word_is_short_and_without_control_characters() {
        assert_eq!(shorten(&"x".repeat(24)), "x".repeat(24));
        assert_eq!(shorten(&"x".repeat(25)), ["x".repeat(24), "…".into()].concat());
        assert_eq!(shorten("a\u{7}b"), "a\u{fffd}b");
    }
}
