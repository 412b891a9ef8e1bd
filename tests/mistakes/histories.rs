//! Files that are no histories: what is said of them, and that nothing worse happens.

use std::collections::BTreeSet;

use shardscope_core::history::Record;
use shardscope_core::history::format::{self, Error, Format, MAX_BYTES, MAX_LINE};
use shardscope_core::rng::Rng;
use shardscope_core::sim::swarm;

use super::{is_clear, kept_sentences};
use crate::tier;

fn refused(bytes: &[u8], format: Option<Format>) -> Error {
    match format::read(bytes, format) {
        Ok(record) => panic!("{} calls in {}", record.calls.len(), String::from_utf8_lossy(bytes)),
        Err(error) => error,
    }
}

/// The place is inside the text, and the sentence can be shown.
fn assert_clear(bytes: &[u8], error: &Error) {
    let text = String::from_utf8_lossy(bytes);
    assert!(is_clear(&error.to_string()), "{error}\n{text}");
    let line = text.split('\n').nth(error.line as usize - 1);
    let line = line.unwrap_or_else(|| panic!("there is no such line: {error}\n{text}"));
    let ends = line.chars().count() as u32 + 1;
    assert!((1..=ends).contains(&error.column), "no such column: {error}\n{text}");
}

/// `histories.txt`: lines behind `|` are a file, and what is said of it follows behind `!`.
/// `UPDATE=1` writes that anew.
#[test]
fn every_file_that_is_no_history_is_refused_in_one_sentence_with_its_place() {
    let cases = kept_sentences("mistakes/histories.txt", |text, _| {
        let error = refused(text.as_bytes(), None);
        assert_clear(text.as_bytes(), &error);
        error.to_string()
    });
    assert!(cases >= 120, "only {cases} mistakes");
}

/// An entry of a put with a value.
fn put(value: &str) -> String {
    format!("{{\"process\":0,\"type\":\"invoke\",\"f\":\"put\",\"key\":\"x\",\"value\":{value}}}")
}

#[test]
fn what_is_too_long_or_no_text_is_refused_in_one_sentence() {
    let utf_16: Vec<u8> = put("1").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let long = format!("\"{}\"", "a".repeat(64 * 1024 + 1));
    let key = put("1").replace("\"x\"", &format!("\"{}\"", "k".repeat(4097)));
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", Vec::new(), "line 1, column 1: The file is empty: give one"),
        ("little", [&[0xff, 0xfe], &utf_16[..]].concat(), "UTF-16: save it as UTF-8."),
        ("big", [&[0xfe, 0xff], &utf_16[..]].concat(), "UTF-16: save it as UTF-8."),
        ("no mark", utf_16, "no history"),
        ("gzip", vec![0x1f, 0x8b, 8, 0], "compressed with gzip: unpack it first."),
        ("zip", b"PK\x03\x04".to_vec(), "zip archive: unpack it first."),
        ("latin", [put("1").as_bytes(), b"\n\xe9"].concat(), "line 2, column 1: Byte 0xe9"),
        ("cut", "{\"process\":\"é".as_bytes()[..13].to_vec(), "column 13: Byte 0xc3 is not UTF-8"),
        ("zeros", vec![0; 4096], "no history"),
        ("line", vec![b'{'; 10 << 20], "no history"),
        ("entry", put(&format!("\"{}\"", "a".repeat(10 << 20))).into_bytes(), "at most 1048576"),
        ("value", put(&long).into_bytes(), "at most 65536 bytes, not 65537: shorten it."),
        ("key", key.into_bytes(), "A key may have at most 4096 bytes, not 4097: shorten it."),
        ("file", vec![b'\n'; MAX_BYTES + 1], "at most 67108864 bytes, not 67108865: split it."),
    ];
    for (what, bytes, said) in cases {
        let error = refused(&bytes, None);
        assert!(is_clear(&error.to_string()), "{error}");
        assert!(error.to_string().contains(said), "{what}: {error}");
    }
    let fits = put(&format!("\"{}\"", "\\u0061".repeat(64 * 1024)));
    assert!(fits.len() < MAX_LINE);
    assert_eq!(format::read(fits.as_bytes(), None).expect("it fits").calls.len(), 1);
}

/// A file in each format, from a run: what fuzzing begins with.
fn corpus(seed: u64) -> Vec<(Format, String)> {
    let (_, _, chronicle) = swarm::run_kept(seed);
    let mut record = Record::of(&chronicle.history);
    record.calls.truncate(12);
    let log = |line: &str| {
        let word = |name: &str| {
            let (_, rest) = line.split_once(name).expect("each entry has it");
            rest.split([',', '}']).next().expect("an end").trim().to_owned()
        };
        let f = word(":f ");
        let (verb, value) = match f.as_str() {
            ":get" => (":read", "3"),
            ":cas" => (":cas", "[1 2]"),
            _ => (":write", "3"),
        };
        format!("INFO  jepsen.util - {}\t{}\t{verb}\t{value}", word(":process "), word(":type "))
    };
    let edn = format::edn(&record);
    let lines: Vec<String> = edn.lines().map(log).collect();
    let json = format::json_lines(&record);
    vec![(Format::JsonLines, json), (Format::Edn, edn), (Format::JepsenLog, lines.join("\n"))]
}

/// Pieces that mean something to one of the readers.
const PIECES: [&str; 30] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    "#{",
    "\"",
    "\\",
    ":",
    ",",
    "nil",
    "null",
    "true",
    "-1",
    "0",
    "99999999999999999999",
    "1.5",
    ":invoke",
    ":ok",
    ":fail",
    ":info",
    "\"type\":\"ok\"",
    ":f :cas",
    ":value [1 2]",
    "\n",
    "\r",
    "\t",
    "é",
    "\u{0}",
    "jepsen.util - ",
];

fn change(lane: &mut Rng, bytes: &mut Vec<u8>) {
    let mut below = |limit: usize| lane.below(limit as u64) as usize;
    let (at, size) = (below(bytes.len() + 1), below(12));
    let end = (at + size).min(bytes.len());
    match below(8) {
        0 => bytes.truncate(at),
        1 => _ = bytes.drain(at..end),
        2 => bytes.insert(at, below(256) as u8),
        3 if at < bytes.len() => bytes[at] ^= 1 << below(8),
        4 => {
            let part = bytes[at..end].repeat(1 + below(40));
            _ = bytes.splice(at..end, part);
        }
        5 => {
            // Lines change places.
            let text = String::from_utf8_lossy(bytes).into_owned();
            let mut lines: Vec<&str> = text.split('\n').collect();
            let (one, other) = (below(lines.len()), below(lines.len()));
            lines.swap(one, other);
            *bytes = lines.join("\n").into_bytes();
        }
        _ => _ = bytes.splice(at..end, PIECES[below(PIECES.len())].bytes()),
    }
}

/// A sentence without what is about the file: quotes and numbers.
fn gist(sentence: &str) -> String {
    let bare = sentence.split('"').step_by(2).collect::<Vec<_>>().join("…");
    bare.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// So many files are drawn from a seed, for each reader.
const EACH: u64 = 2_500;

/// A million files for each reader in the deep tier.
#[test]
fn a_hostile_history_is_refused_clearly_or_reads_as_what_it_is_written_as() {
    let seeds = tier::count(8, 400);
    for (reader, format) in Format::ALL.into_iter().enumerate() {
        let results: Vec<(u64, BTreeSet<String>)> = tier::parallel(0..seeds, |seed| {
            let mut lane = Rng::keyed(&[seed, 0x6869_7374, reader as u64]);
            let (_, text) = corpus(seed % 8).swap_remove(reader);
            let (mut read, mut said) = (0, BTreeSet::new());
            for _ in 0..EACH {
                let mut bytes = text.clone().into_bytes();
                for _ in 0..lane.below(4) {
                    change(&mut lane, &mut bytes);
                }
                match format::read(&bytes, Some(format)) {
                    Ok(record) => {
                        let again = format::read(format::edn(&record).as_bytes(), None);
                        let json = format::read(format::json_lines(&record).as_bytes(), None);
                        let same = |other: &Record| {
                            let one = record.calls.iter().map(|call| &call.command);
                            one.eq(other.calls.iter().map(|call| &call.command))
                        };
                        assert!(again.is_ok_and(|again| same(&again)), "seed {seed}");
                        assert!(json.is_ok_and(|again| same(&again)), "seed {seed}");
                        read += 1;
                    }
                    Err(error) => {
                        assert_clear(&bytes, &error);
                        said.insert(gist(&error.sentence));
                    }
                }
            }
            (read, said)
        });
        let read: u64 = results.iter().map(|(read, _)| read).sum();
        let said: BTreeSet<String> = results.into_iter().flat_map(|(_, said)| said).collect();
        let all = seeds * EACH;
        println!("{format}: {all} files, {read} of them read, {} kinds of refusals", said.len());
        assert!(read * 10 >= all && read * 10 < all * 9, "{read} of {all} were read");
        assert!(said.len() >= 25, "only {} sentences: {said:?}", said.len());
    }
}
