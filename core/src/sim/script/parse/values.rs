//! Numbers, lengths of time, chances, and the values of settings.

use alloc::format;
use alloc::string::ToString;

use crate::id::MutantId;
use crate::rng::Ppm;
use crate::shardkv::Routing;
use crate::sim::network::Latency;
use crate::sim::script::Error;
use crate::sim::script::lex::{Cursor, Token, shorten};
use crate::sim::workload::{Mix, Pace};
use crate::time::{Duration, Instant};

/// A whole number up to `most`.
pub(in crate::sim::script) fn count(cursor: &mut Cursor<'_>, most: u64) -> Result<u64, Error> {
    let Token::Word(word) = cursor.peek() else {
        return Err(cursor.wrong("a whole number, such as 3"));
    };
    let Some(number) = decimal(word, 0) else {
        return Err(cursor.wrong("a whole number, such as 3"));
    };
    if number > u128::from(most) {
        let word = shorten(word);
        return Err(cursor.fail(format!("{word} is too much here: write at most {most}.")));
    }
    cursor.next();
    Ok(number as u64)
}

/// Digits, perhaps with a point and at most so many digits behind it, as a whole number of the
/// smallest part.
fn decimal(text: &str, places: usize) -> Option<u128> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = text.len() <= 30 && rest.len() <= places && !whole.is_empty();
    if !fits || !digits(whole) || !digits(rest) || (text.contains('.') && rest.is_empty()) {
        return None;
    }
    let number: u128 = whole.parse().ok()?;
    let part: u128 = if rest.is_empty() { 0 } else { rest.parse().ok()? };
    let scale = |places: usize| 10_u128.pow(places as u32);
    number.checked_mul(scale(places))?.checked_add(part * scale(places - rest.len()))
}

/// The longest time that a script can name, and the latest moment.
const LONGEST: (Duration, &str) = (Duration::from_secs(3_600), "an hour, 3600 s");
const LATEST: (Duration, &str) = (Duration::from_secs(3_600_000), "a thousand hours, 3600000 s");

const TIME: &str = "a length of time, such as 200 ms, 1.5 s or 30 us";

/// `200 ms`, `200ms`, `1.5 s`.
pub(in crate::sim::script) fn time(cursor: &mut Cursor<'_>) -> Result<Duration, Error> {
    up_to(cursor, LONGEST)
}

fn up_to(cursor: &mut Cursor<'_>, (longest, words): (Duration, &str)) -> Result<Duration, Error> {
    let mut ahead = cursor.clone();
    let Token::Word(word) = ahead.next() else { return Err(cursor.wrong(TIME)) };
    let end = word.find(|c: char| c.is_ascii_alphabetic() || c == 'µ').unwrap_or(word.len());
    let (number, unit) = word.split_at(end);
    let unit = match (unit, ahead.peek()) {
        ("", Token::Word(unit)) => {
            ahead.next();
            unit
        }
        (unit, _) => unit,
    };
    let places = match unit {
        "us" | "µs" => 0,
        "ms" => 3,
        "s" => 6,
        _ => return Err(cursor.wrong(TIME)),
    };
    let Some(micros) = decimal(number, places) else { return Err(cursor.wrong(TIME)) };
    if micros > u128::from(longest.as_micros()) {
        let number = shorten(number);
        let sentence = format!("{number} {unit} is too long: choose at most {words}.");
        return Err(cursor.fail(sentence));
    }
    *cursor = ahead;
    Ok(Duration::from_micros(micros as u64))
}

/// A length of time above 0.
pub(in crate::sim::script) fn some_time(cursor: &mut Cursor<'_>) -> Result<Duration, Error> {
    let before = cursor.clone();
    match time(cursor)? {
        Duration::ZERO => Err(before.fail("Nothing happens in 0 ms: choose a longer time.")),
        time => Ok(time),
    }
}

/// A moment of the run.
pub(in crate::sim::script) fn moment(cursor: &mut Cursor<'_>) -> Result<Instant, Error> {
    up_to(cursor, LATEST).map(|time| Instant::ZERO + time)
}

/// `200 ms to 400 ms`; a single time is both.
pub(in crate::sim::script) fn span(cursor: &mut Cursor<'_>) -> Result<(Duration, Duration), Error> {
    let low = time(cursor)?;
    let high = if cursor.accept("to") { time(cursor)? } else { low };
    Ok((low, high))
}

/// `5 ms`, `1 ms to 10 ms`, `about 5 ms`.
pub(in crate::sim::script) fn latency(cursor: &mut Cursor<'_>) -> Result<Latency, Error> {
    if cursor.accept("about") {
        return Ok(Latency::LongTail { median: time(cursor)? });
    }
    let min = time(cursor)?;
    if cursor.accept("to") {
        return Ok(Latency::Uniform { min, max: time(cursor)? });
    }
    Ok(Latency::Fixed(min))
}

const CHANCE: &str = "a chance from 0 % to 100 %, such as 5 %";

/// `5 %`.
pub(in crate::sim::script) fn chance(cursor: &mut Cursor<'_>) -> Result<Ppm, Error> {
    let mut ahead = cursor.clone();
    let Token::Word(word) = ahead.next() else { return Err(cursor.wrong(CHANCE)) };
    let Some(millionths) = decimal(word, 4).filter(|_| ahead.accept_mark('%')) else {
        return Err(cursor.wrong(CHANCE));
    };
    if millionths > u128::from(Ppm::ALWAYS.0) {
        return Err(cursor.wrong(CHANCE));
    }
    *cursor = ahead;
    Ok(Ppm(millionths as u32))
}

pub(in crate::sim::script) fn switch(cursor: &mut Cursor<'_>) -> Result<bool, Error> {
    if cursor.accept("on") {
        return Ok(true);
    }
    cursor.need("off", "on or off").map(|()| false)
}

/// A number, or `none`.
pub(in crate::sim::script) fn limit(cursor: &mut Cursor<'_>) -> Result<Option<u64>, Error> {
    if cursor.accept("none") { Ok(None) } else { count(cursor, u64::MAX).map(Some) }
}

/// `R15`, or `none`: as the catalogue of mutants numbers them.
pub(in crate::sim::script) fn mutant(cursor: &mut Cursor<'_>) -> Result<MutantId, Error> {
    let Token::Word(word) = cursor.peek() else {
        return Err(cursor.wrong("the number of a mutant, such as R15, or none"));
    };
    let named = |id: &MutantId| id.to_string().eq_ignore_ascii_case(word);
    match MutantId::ALL.into_iter().find(named) {
        Some(id) if id.to_string() == word => {
            cursor.next();
            Ok(id)
        }
        Some(id) => {
            let word = shorten(word);
            Err(cursor.fail(format!("There is no mutant {word}: did you mean {id}?")))
        }
        None => Err(cursor.fail(format!(
            "There is no mutant {}: the list is in tests/scripts/mutants/README.md.",
            shorten(word)
        ))),
    }
}

/// `fnv`, `first byte`.
pub(in crate::sim::script) fn routing(cursor: &mut Cursor<'_>) -> Result<Routing, Error> {
    if cursor.accept("fnv") {
        return Ok(Routing::Fnv);
    }
    let form = "fnv (a hash of the key) or first byte (of the key)";
    cursor.need("first byte", form).map(|()| Routing::FirstByte)
}

/// `off`, `every 20 ms`, `thinks 20 ms`.
pub(in crate::sim::script) fn pace(cursor: &mut Cursor<'_>) -> Result<Pace, Error> {
    if cursor.accept("off") {
        return Ok(Pace::Silent);
    }
    if cursor.accept("every") {
        return Ok(Pace::Open { every: time(cursor)? });
    }
    cursor.need("thinks", "off, thinks 20 ms (after each answer) or every 20 ms")?;
    Ok(Pace::Closed { think: time(cursor)? })
}

/// Where the weight of an operation is.
type Weight = fn(&mut Mix) -> &mut u8;

/// The operations in a mix, with the place of their weights.
pub(in crate::sim::script) const MIX: [(&str, Weight); 7] = [
    ("get", |mix| &mut mix.get),
    ("put", |mix| &mut mix.put),
    ("append", |mix| &mut mix.append),
    ("delete", |mix| &mut mix.delete),
    ("cas", |mix| &mut mix.cas),
    ("put-at", |mix| &mut mix.put_at),
    ("put-hash", |mix| &mut mix.put_hash),
];

/// `get 4 put 3 append 3`: what is not named has no weight.
pub(in crate::sim::script) fn mix(cursor: &mut Cursor<'_>) -> Result<Mix, Error> {
    let mut mix = Mix { get: 0, put: 0, append: 0, delete: 0, cas: 0, put_at: 0, put_hash: 0 };
    let mut any = false;
    while let Some((_, weight)) = MIX.iter().find(|(name, _)| cursor.accept(name)) {
        *weight(&mut mix) = count(cursor, u64::from(u8::MAX))? as u8;
        any = true;
    }
    if any { Ok(mix) } else { Err(cursor.wrong("weights, such as get 4 put 3 append 3")) }
}

/// `-500 ppm`: how fast a clock runs.
pub(in crate::sim::script) fn drift(cursor: &mut Cursor<'_>) -> Result<i32, Error> {
    const FORM: &str = "parts per million, at most 500000 either way, such as 200 ppm or -200 ppm";
    let Token::Word(word) = cursor.peek() else { return Err(cursor.wrong(FORM)) };
    let number = word.parse().ok().filter(|number| (-500_000..=500_000).contains(number));
    let Some(number) = number.filter(|_| !word.starts_with('+')) else {
        return Err(cursor.wrong(FORM));
    };
    cursor.next();
    cursor.need("ppm", FORM)?;
    Ok(number)
}
