//! Hostile texts in great number: read, printed, played.

use std::collections::BTreeSet;
use std::time::Instant;

use shardscope_core::sim::script::{Player, Script};

use super::assert_clear;
use super::hostile::Hostile;
use crate::tier;

/// Names the seed if something panics meanwhile.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("seed {}", self.0);
        }
    }
}

/// So many texts are drawn from a seed.
const EACH: u64 = 2_500;

/// A sentence without what is about the text: quotes and numbers.
fn gist(sentence: &str) -> String {
    let bare = sentence.split('"').step_by(2).collect::<Vec<_>>().join("…");
    bare.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// A million texts in the deep tier.
#[test]
fn a_hostile_text_is_refused_clearly_or_prints_as_what_it_is() {
    let seeds = tier::count(8, 400);
    let began = Instant::now();
    let results: Vec<(u64, BTreeSet<String>)> = tier::parallel(0..seeds, |seed| {
        let (mut hostile, mut read, mut said) = (Hostile::new(seed), 0, BTreeSet::new());
        let _told = Told(seed);
        for _ in 0..EACH {
            let text = hostile.text();
            match Script::parse(&text) {
                Ok(script) => {
                    let printed = script.to_string();
                    let again = Script::parse(&printed);
                    assert_eq!(again.as_ref(), Ok(&script), "seed {seed}:\n{text}\n{printed}");
                    assert_eq!(Script::of(script.lines()).as_ref(), Ok(&script));
                    read += 1;
                }
                Err(error) => {
                    assert_clear(&text, &error);
                    said.insert(gist(&error.sentence));
                }
            }
        }
        (read, said)
    });
    let took = began.elapsed();
    let read: u64 = results.iter().map(|(read, _)| read).sum();
    let said: BTreeSet<String> = results.into_iter().flat_map(|(_, said)| said).collect();
    let all = seeds * EACH;
    assert!(read * 20 >= all, "only {read} of {all} texts were scripts: the rest says little");
    assert!(said.len() >= 150, "only {} sentences: {said:?}", said.len());
    let rate = u128::from(all) * 1_000 / took.as_millis().max(1);
    println!(
        "{all} texts, {read} of them scripts, {} kinds of refusals, {rate} a second",
        said.len()
    );
}

#[test]
fn whatever_a_script_says_it_comes_to_an_end() {
    let rounds = tier::count(6, 200);
    let played: Vec<(u64, u64)> = tier::parallel(0..rounds, |seed| {
        let (mut hostile, mut played, mut failed) = (Hostile::new(1_000 + seed), 0, 0);
        let _told = Told(1_000 + seed);
        while played < 12 {
            let Ok(script) = Script::parse(&hostile.text()) else { continue };
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
