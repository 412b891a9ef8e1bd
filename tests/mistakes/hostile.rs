//! Hostile texts: scripts with a few things changed, and what never was one.

use std::fs;
use std::path::Path;

use shardscope_core::rng::Rng;

use super::HEAD;

/// The scripts of the repository and the lines of the mistakes.
pub(super) fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("there is a folder of scripts")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.extension().is_some_and(|end| end == "script" || end == "txt"))
        .collect();
    files.sort();
    files.iter().map(|path| fs::read_to_string(path).expect("it is text")).collect()
}

/// Numbers at the edge of something, and what only looks like one.
const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "9",
    "10",
    "101",
    "255",
    "256",
    "65535",
    "65536",
    "3601",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "-1",
    "0.0000001",
    "1e9",
];

/// What no script has.
const ODD: [&str; 14] = [
    "\"",
    ",,,",
    "é…µ",
    "not not",
    "S0",
    "\u{0}",
    "\u{2028}",
    "\u{a0}",
    "\u{feff}",
    "👩‍🚀",
    "\u{202e}S1",
    "\r",
    "\t",
    "ﬁ",
];

/// Draws hostile texts, from a seed.
pub(super) struct Hostile {
    lane: Rng,
    corpus: Vec<String>,
    lines: Vec<String>,
    words: Vec<String>,
}

impl Hostile {
    pub(super) fn new(seed: u64) -> Self {
        let corpus = corpus();
        let bare = |line: &str| line.trim_start_matches(['>', '|', '!']).to_owned();
        let lines: Vec<String> = corpus.iter().flat_map(|text| text.lines().map(bare)).collect();
        let words = corpus.iter().flat_map(|text| text.split_whitespace().map(str::to_owned));
        let words = words.collect();
        Self { lane: Rng::keyed(&[seed, 0x73_63_72_69_70_74]), corpus, lines, words }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.lane.below(limit as u64) as usize
    }

    fn pick<'a, T: ?Sized>(lane: &mut Rng, list: &'a [impl AsRef<T>]) -> &'a T {
        list[lane.below(list.len() as u64) as usize].as_ref()
    }

    fn word(&mut self) -> String {
        Self::pick::<str>(&mut self.lane, &self.words).to_owned()
    }

    /// The next text.
    pub(super) fn text(&mut self) -> String {
        let mut text = self.seedling();
        for _ in 0..self.below(4) {
            text = if self.below(3) > 0 { self.change_tokens(&text) } else { self.splice(&text) };
        }
        let mut bytes = text.into_bytes();
        if self.below(3) == 0 {
            for _ in 0..=self.below(3) {
                self.change_bytes(&mut bytes);
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What it all begins with.
    fn seedling(&mut self) -> String {
        match self.below(8) {
            0 => {
                let words: Vec<String> = (0..self.below(60)).map(|_| self.word()).collect();
                let between = if self.below(3) == 0 { "\n" } else { " " };
                HEAD.to_owned() + &words.join(between)
            }
            1 => {
                let bytes: Vec<u8> = (0..self.below(400)).map(|_| self.below(256) as u8).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            // A few lines only, so that most of them are reached.
            2..6 => {
                let count = 1 + self.below(6);
                let body = (0..count).map(|_| Self::pick::<str>(&mut self.lane, &self.lines));
                HEAD.to_owned() + &body.collect::<Vec<_>>().join("\n")
            }
            _ => Self::pick::<str>(&mut self.lane, &self.corpus).to_owned(),
        }
    }

    /// Lines or the tokens of one line: swapped, taken out, doubled, replaced.
    fn change_tokens(&mut self, text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if lines.is_empty() {
            return self.word();
        }
        let (at, other) = (self.below(lines.len()), self.below(lines.len()));
        match self.below(8) {
            0 => lines.swap(at, other),
            1 => _ = lines.remove(at),
            2 => lines.insert(other, lines[at].clone()),
            _ => lines[at] = self.change_line(&lines[at]),
        }
        lines.join("\n")
    }

    fn change_line(&mut self, line: &str) -> String {
        let mut tokens = tokens(line);
        if tokens.is_empty() {
            return self.word();
        }
        let (at, other) = (self.below(tokens.len()), self.below(tokens.len()));
        match self.below(9) {
            0 => tokens.swap(at, other),
            1 => _ = tokens.remove(at),
            2 => tokens.insert(other, tokens[at].clone()),
            3 | 4 => tokens[at] = self.word(),
            5 => {
                let is_number = |token: &String| token.starts_with(|c: char| c.is_ascii_digit());
                let place = tokens.iter().position(is_number).unwrap_or(at);
                tokens[place] = Self::pick::<str>(&mut self.lane, &NUMBERS).to_owned();
            }
            6 => tokens[at] += Self::pick::<str>(&mut self.lane, &ODD),
            7 => tokens[at] = Self::pick::<str>(&mut self.lane, &ODD).to_owned(),
            _ => {
                let letter = ["x", "9", "é", "S1 ", "\""][self.below(5)];
                tokens[at] = letter.repeat(1 << self.below(13));
            }
        }
        format!("  {}", tokens.join(" "))
    }

    /// The beginning of one text, and the end of another.
    fn splice(&mut self, text: &str) -> String {
        let other: Vec<&str> = Self::pick::<str>(&mut self.lane, &self.corpus).lines().collect();
        let lines: Vec<&str> = text.lines().collect();
        let head = self.lane.below(lines.len() as u64 + 1) as usize;
        let tail = self.lane.below(other.len() as u64 + 1) as usize;
        [&lines[..head], &other[tail..]].concat().join("\n")
    }

    fn change_bytes(&mut self, text: &mut Vec<u8>) {
        let at = self.below(text.len() + 1);
        match self.below(5) {
            0 => text.truncate(at),
            1 => text.insert(at, self.below(256) as u8),
            2 if at < text.len() => text[at] ^= 1 << self.below(8),
            3 if at < text.len() => _ = text.remove(at),
            _ => {
                let end = (at + self.below(40)).min(text.len());
                let part = text[at..end].repeat(1 + self.below(3));
                text.splice(at..end, part);
            }
        }
    }
}

/// The pieces of a line, nearly as the parser has them: what stands in quotes is one.
fn tokens(line: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 1 {
            tokens.push(format!("\"{part}\""));
        } else {
            tokens.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    tokens
}
