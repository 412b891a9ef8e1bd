//! Texts that are no scripts: what is said of them, and that nothing worse happens.

use std::path::Path;
use std::{env, fs};

use shardscope_core::rng::Rng;
use shardscope_core::sim::script::{Player, Script};

use crate::tier;

/// What stands above lines that are given without a beginning.
const HEAD: &str = "shardscope script 1\ncluster\n  servers 3\n  clients 2\nstory\n";

/// `tests/scripts/mistakes.txt`: lines behind `|` are a whole text, lines behind `>` stand in a
/// story from line 6 on, and what is said of them follows behind `!`. `UPDATE=1` writes that anew.
#[test]
fn every_mistake_is_told_in_one_sentence_with_its_place() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/mistakes.txt");
    let kept = fs::read_to_string(&path).expect("the mistakes are text");
    let mut now = String::new();
    let mut cases = 0;
    for case in kept.split("\n\n").filter(|case| !case.trim().is_empty()) {
        let given: Vec<&str> = case.lines().filter(|line| line.starts_with(['|', '>'])).collect();
        let line = |line: &&str| line[1..].strip_prefix(' ').unwrap_or(&line[1..]).to_owned();
        let body = given.iter().map(line).collect::<Vec<_>>().join("\n");
        let inside = given.iter().any(|line| line.starts_with('>'));
        let text = if inside { format!("{HEAD}  {}", body.replace('\n', "\n  ")) } else { body };
        let error = Script::parse(&text).expect_err(&text);
        assert!(is_clear(&error.to_string()), "{error}");
        now += &format!("{}\n! {error}\n\n", given.join("\n"));
        cases += 1;
    }
    assert!(cases >= 80, "only {cases} mistakes");
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, now.trim_end().to_owned() + "\n").expect("they can be written");
        return;
    }
    for (kept, now) in kept.lines().zip(now.lines()) {
        assert_eq!(kept, now, "UPDATE=1 keeps the new one");
    }
    assert_eq!(kept.trim_end(), now.trim_end());
}

/// One line, that ends like a sentence and can be read in one go.
fn is_clear(said: &str) -> bool {
    let short = said.chars().count() <= 400;
    short && said.ends_with(['.', '?']) && !said.contains(|c: char| c.is_control())
}

/// The scripts of this folder and the lines of the mistakes: what hostile texts are made from.
fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("there is a folder of scripts")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.extension().is_some_and(|end| end == "script" || end == "txt"))
        .collect();
    files.sort();
    files.iter().map(|path| fs::read_to_string(path).expect("it is text")).collect()
}

struct Hostile {
    lane: Rng,
    corpus: Vec<String>,
    words: Vec<String>,
}

impl Hostile {
    fn new(seed: u64) -> Self {
        let corpus = corpus();
        let words = corpus.iter().flat_map(|text| text.split_whitespace().map(str::to_owned));
        let words = words.collect();
        Self { lane: Rng::keyed(&[seed, 0x73_63_72_69_70_74]), corpus, words }
    }

    fn pick<'a, T>(lane: &mut Rng, list: &'a [T]) -> &'a T {
        &list[lane.below(list.len() as u64) as usize]
    }

    /// A script with a few things changed, or something that never was one.
    fn text(&mut self) -> Vec<u8> {
        let Self { lane, corpus, words } = self;
        let mut text = match lane.below(8) {
            0 => {
                let words = (0..lane.below(60)).map(|_| Self::pick(lane, words).clone());
                let story =
                    words.collect::<Vec<_>>().join(if lane.below(3) == 0 { "\n" } else { " " });
                (HEAD.to_owned() + &story).into_bytes()
            }
            1 => (0..lane.below(400)).map(|_| lane.below(256) as u8).collect(),
            // A few lines only, so that most of them are reached.
            2..5 => {
                let lines: Vec<&str> = corpus.iter().flat_map(|text| text.lines()).collect();
                let body = (0..=lane.below(6)).map(|_| {
                    let line = Self::pick(lane, &lines);
                    line.trim_start_matches(['>', '|', '!']).to_owned()
                });
                (HEAD.to_owned() + &body.collect::<Vec<_>>().join("\n")).into_bytes()
            }
            _ => Self::pick(lane, corpus).clone().into_bytes(),
        };
        for _ in 0..lane.below(4) {
            let at = lane.below(text.len() as u64 + 1) as usize;
            match lane.below(6) {
                0 => text.truncate(at),
                1 => text.insert(at, lane.below(256) as u8),
                2 if at < text.len() => text[at] ^= 1 << lane.below(8),
                3 => {
                    let word = Self::pick(lane, words).clone();
                    text.splice(at..at, format!(" {word} ").bytes());
                }
                4 => {
                    let odd = ["99999999999999999999", "\"", ",,,", "é…µ", "not not", "-0", "S0"];
                    text.splice(at..at, Self::pick(lane, &odd).bytes());
                }
                _ => {
                    let end = (at + lane.below(40) as usize).min(text.len());
                    let part = text[at..end].repeat(1 + lane.below(3) as usize);
                    text.splice(at..end, part);
                }
            }
        }
        text
    }
}

/// Names the seed if something panics meanwhile.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("seed {}", self.0);
        }
    }
}

#[test]
fn a_hostile_text_is_refused_clearly_or_prints_as_what_it_is() {
    let rounds = tier::count(8, 400);
    let each = 2_500;
    let read: Vec<u64> = tier::parallel(0..rounds, |seed| {
        let (mut hostile, mut read) = (Hostile::new(seed), 0);
        let _told = Told(seed);
        for _ in 0..each {
            let bytes = hostile.text();
            let text = String::from_utf8_lossy(&bytes);
            match Script::parse(&text) {
                Ok(script) => {
                    let printed = script.to_string();
                    let again = Script::parse(&printed);
                    assert_eq!(again.as_ref(), Ok(&script), "seed {seed}:\n{text}\n{printed}");
                    assert_eq!(Script::of(script.lines()).as_ref(), Ok(&script));
                    read += 1;
                }
                Err(error) => {
                    let lines = text.split('\n').count() as u32;
                    assert!((1..=lines).contains(&error.line) && error.column >= 1, "{error}");
                    let width = text.split('\n').nth(error.line as usize - 1).unwrap_or_default();
                    assert!(error.column as usize <= width.chars().count() + 1, "{error}\n{text}");
                    assert!(is_clear(&error.to_string()), "seed {seed}: {error}\n{text}");
                }
            }
        }
        read
    });
    let (read, all) = (read.iter().sum::<u64>(), rounds * each);
    assert!(read * 50 > all, "only {read} of {all} texts were scripts: the rest says little");
    println!("{all} texts, {read} of them scripts");
}

#[test]
fn whatever_a_script_says_it_comes_to_an_end() {
    let rounds = tier::count(6, 200);
    let played: Vec<(u64, u64)> = tier::parallel(0..rounds, |seed| {
        let (mut hostile, mut played, mut failed) = (Hostile::new(1_000 + seed), 0, 0);
        let _told = Told(1_000 + seed);
        while played < 12 {
            let bytes = hostile.text();
            let Ok(script) = Script::parse(&String::from_utf8_lossy(&bytes)) else { continue };
            let player = Player::play(script.clone());
            if let Some(failure) = player.failure() {
                assert!(!failure.expected.is_empty() && !failure.found.is_empty(), "{failure}");
                failed += 1;
            }
            let again = Player::play(script);
            assert_eq!(again.timeline().world().digest(), player.timeline().world().digest());
            played += 1;
        }
        (played, failed)
    });
    let sum = |of: fn(&(u64, u64)) -> u64| played.iter().map(of).sum::<u64>();
    let (all, failed) = (sum(|(played, _)| *played), sum(|(_, failed)| *failed));
    assert!(failed > 0 && failed < all, "{failed} of {all} failed");
    println!("{all} scripts played, {failed} failed");
}
