//! Links that were cut off, changed, or never were any.

use std::collections::BTreeSet;

use shardscope_core::rng::Rng;
use shardscope_core::sim::Sharding;
use shardscope_core::sim::link::{self, Wrong};

use super::at_work;
use super::seal::Parts;
use crate::mistakes::is_clear;
use crate::tier;

/// Links of runs, short and long.
fn links() -> Vec<String> {
    let groups = Sharding { controllers: 1, groups: 2, shards: 4, ..Sharding::default() };
    let runs = [(3, None), (8, None), (11, Some(groups))];
    runs.map(|(seed, sharding)| link::write(&at_work(seed, sharding), &[1, 2, 3]).expect("it fits"))
        .into()
}

/// It is refused in one sentence.
fn refused(text: &str) -> Wrong {
    let Err(why) = link::open(text) else { panic!("{text} was opened") };
    assert!(is_clear(&why.0) && why.0.chars().count() <= 200, "{text}: {why}");
    why
}

/// Those of a link, and others.
const SIGNS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_\
                     =.%+/&#?~é \0";

#[test]
fn every_change_of_one_character_is_noticed() {
    let mut changed = 0;
    for link in links() {
        for (at, old) in link.char_indices() {
            for new in SIGNS.chars().filter(|new| *new != old) {
                let text = format!("{}{new}{}", &link[..at], &link[at + 1..]);
                // A space at an end was copied with it, and what stands before a # is an address.
                if text.trim() == link || link::open(&text) == link::open(&link) {
                    panic!("{text} is still the same");
                }
                refused(&text);
                changed += 1;
            }
        }
    }
    println!("{changed} links with another character");
    assert!(changed > 20_000, "{changed}");
}

#[test]
fn every_link_that_was_cut_off_is_noticed() {
    for link in links() {
        for end in 0..link.len() {
            refused(&link[..end]);
        }
        for begin in "run=".len() + 1..link.len() {
            refused(&format!("run={}", &link[begin..]));
        }
    }
}

/// Two links, exchanged characters, doubled and missing parts.
#[test]
fn links_that_were_put_together_wrongly_are_noticed() {
    let links = links();
    let lane = &mut Rng::keyed(&[0x6c69_6e6b, 1]);
    for _ in 0..tier::count(20_000, 1_000_000) {
        let mut pick = |below: usize| lane.below(below as u64) as usize;
        let (one, other) = (&links[pick(3)], &links[pick(3)]);
        let (a, b) = (4 + pick(one.len() - 4), 4 + pick(other.len() - 4));
        let mut text = format!("{}{}", &one[..a], &other[b..]);
        if pick(2) == 0 {
            let mut signs: Vec<char> = one.chars().collect();
            let (from, to) = (4 + pick(signs.len() - 4), 4 + pick(signs.len() - 4));
            signs.swap(from, to);
            text = signs.into_iter().collect();
        }
        if !links.contains(&text) {
            refused(&text);
        }
    }
}

/// A text that is no link, or one that is sealed and has anything in it.
fn hostile(lane: &mut Rng, links: &[String]) -> String {
    let mut pick = |below: usize| lane.below(below as u64) as usize;
    let kind = pick(8);
    if kind < 2 {
        let length = [20, 200, 9_000][pick(3).min(pick(3))];
        let signs: Vec<char> = SIGNS.chars().take(if kind == 0 { 64 } else { 80 }).collect();
        let text: String = (0..pick(length)).map(|_| signs[pick(signs.len())]).collect();
        return ["", "#run=", "run="][pick(3)].to_owned() + &text;
    }
    let mut parts = Parts::of(&links[pick(links.len())]);
    if pick(4) == 0 {
        parts.engine[pick(4)] ^= 1;
    }
    if kind == 2 {
        let length = [8, 60, 600][pick(3)];
        parts.body = (0..pick(length)).map(|_| pick(256) as u8).collect();
        return parts.sealed();
    }
    // Few bits at random leave the settings as they are, mostly.
    for _ in 0..=pick(3) {
        let at = pick(parts.body.len());
        parts.body[at] ^= 1 << pick(8);
    }
    match pick(6) {
        0 => parts.body.truncate(pick(parts.body.len())),
        1 => parts.body.push(pick(256) as u8),
        2 => parts.format = pick(4) as u8,
        _ => {}
    }
    parts.sealed()
}

/// A million texts in the deep tier. Those that are links after all are played.
#[test]
fn whatever_is_opened_gives_a_run_or_a_sentence() {
    const EACH: u64 = 2_500;
    let seeds = tier::count(8, 400);
    let links = links();
    let results = tier::parallel(0..seeds, |seed| {
        let lane = &mut Rng::keyed(&[seed, 0x6675_7a7a]);
        let (mut opened, mut played, mut said) = (0_u64, 0_u64, BTreeSet::new());
        for _ in 0..EACH {
            let text = hostile(lane, &links);
            let Ok(run) = link::open(&text) else {
                let sentence = refused(&text).0;
                said.insert(sentence.chars().filter(|c| !c.is_ascii_digit()).collect::<String>());
                continue;
            };
            opened += 1;
            let mut replay = run.replay();
            match replay.advance(2_000) {
                Ok(reached) => played += u64::from(reached),
                Err(why) => {
                    assert!(is_clear(&why.0), "{text}: {why}");
                    said.insert("played".into());
                }
            }
            // A page shows what came of it.
            let timeline = replay.into_timeline();
            assert!(timeline.step_number() <= timeline.head_step());
        }
        (opened, played, said)
    });
    let opened: u64 = results.iter().map(|(opened, _, _)| opened).sum();
    let played: u64 = results.iter().map(|(_, played, _)| played).sum();
    let said: BTreeSet<String> = results.into_iter().flat_map(|(_, _, said)| said).collect();
    let (texts, kinds) = (seeds * EACH, said.len());
    println!("{texts} texts, {opened} opened, {played} played to the end, {kinds} sentences");
    assert!(opened > texts / 50 && played > texts / 500 && kinds >= 20, "{said:#?}");
}
