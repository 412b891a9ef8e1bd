//! What a key may come to hold: whether some commands, in any order, can bring a reply about.
//!
//! Each command is taken as if it could be used again and again, and as if its condition held, so
//! "no" is certain, and "yes" is not. On a hunch, a hash that comes to nobody's mind is none: then
//! "no" is a guess, too.

use alloc::vec::Vec;

use super::{Command, Reply, Versioned, fnv1a_bytes};

/// Whether `command` can get `reply` on a key with this cell, after some of `others`.
pub(super) fn can_reply<'a>(
    cell: Option<&Versioned>,
    (command, reply): (&Command, &Reply),
    others: impl Iterator<Item = &'a Command> + Clone,
    is_hunch: bool,
) -> bool {
    let others = others.filter(|other| other.key() == command.key());
    let now = cell.map_or("", |cell| &*cell.value);
    let becomes = |value: &str| can_become(now, value, &others, is_hunch);
    match reply {
        Reply::Value(seen) | Reply::Differs { found: seen } => becomes(seen),
        Reply::WrongVersion { found } => can_count(cell, *found, &others),
        Reply::Written { version } => {
            let expected = match command {
                Command::Cas { expect, .. } => becomes(expect),
                Command::PutAt { version: condition, .. } => {
                    condition.checked_add(1) == Some(*version)
                }
                _ => true,
            };
            expected
                && version.checked_sub(1).is_some_and(|before| can_count(cell, before, &others))
        }
        Reply::Deleted { .. } | Reply::TooLong => true,
    }
}

/// Whether a key can come to a version: each write counts one, and a deletion begins anew.
fn can_count<'a>(
    cell: Option<&Versioned>,
    version: u64,
    others: &(impl Iterator<Item = &'a Command> + Clone),
) -> bool {
    let now = cell.map_or(0, |cell| cell.version);
    let deletes = |other: &Command| matches!(other, Command::Delete { .. });
    version >= now && version - now <= others.clone().count() as u64
        || version <= others.clone().count() as u64 && others.clone().any(deletes)
}

/// Whether a value can become another.
fn can_become<'a>(
    now: &str,
    target: &str,
    others: &(impl Iterator<Item = &'a Command> + Clone),
    is_hunch: bool,
) -> bool {
    let mut known = alloc::vec![false; target.len() + 1];
    // What is left to be explained: these beginnings of the target.
    let mut open: Vec<usize> = alloc::vec![target.len()];
    while let Some(end) = open.pop() {
        if core::mem::replace(&mut known[end], true) {
            continue;
        }
        let Some(rest) = target.get(..end) else { continue };
        if rest == now {
            return true;
        }
        for other in others.clone() {
            match other {
                Command::Get { .. } => {}
                Command::Put { value, .. }
                | Command::Cas { value, .. }
                | Command::PutAt { value, .. } => {
                    if **value == *rest {
                        return true;
                    }
                }
                Command::Append { value, .. } => {
                    open.extend(rest.strip_suffix(&**value).map(str::len));
                }
                Command::Delete { .. } => {
                    if rest.is_empty() {
                        return true;
                    }
                }
                Command::PutHash { value, .. } => {
                    let Ok(hash) = rest.parse::<u32>() else { continue };
                    if !is_hunch || is_hash(hash, now, value, others) {
                        return true;
                    }
                }
            }
        }
    }
    false
}

/// Whether a hash is that of a value before it that comes to mind: the present one, none, one that
/// is put, or one of them with something appended.
fn is_hash<'a>(
    hash: u32,
    now: &str,
    value: &str,
    others: &(impl Iterator<Item = &'a Command> + Clone),
) -> bool {
    let put = others.clone().filter_map(|other| match other {
        Command::Put { value, .. } | Command::Cas { value, .. } | Command::PutAt { value, .. } => {
            Some(&**value)
        }
        _ => None,
    });
    let appended = others.clone().filter_map(|other| match other {
        Command::Append { value, .. } => Some(&**value),
        _ => None,
    });
    let is = |parts: [&str; 3]| fnv1a_bytes(parts.into_iter().flat_map(str::bytes)) == hash;
    let mut before = [now, ""].into_iter().chain(put);
    before.any(|before| {
        is([before, "", value]) || appended.clone().any(|more| is([before, more, value]))
    })
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::kv::Kv;
    use crate::machine::Machine;
    use crate::rng::Rng;

    fn drawn(rng: &mut Rng) -> Command {
        let value = ["a", "b", "ab", ""][rng.below(4) as usize];
        let version = rng.below(4);
        let line = match rng.below(7) {
            0 => "get x".into(),
            1 => format!("put x \"{value}\""),
            2 => format!("append x \"{value}\""),
            3 => "delete x".into(),
            4 => format!("cas x \"{value}\" b"),
            5 => format!("put-at x {version} \"{value}\""),
            _ => format!("put-hash x \"{value}\""),
        };
        line.parse().expect("it is a command")
    }

    /// All replies that a command gets after some of the others, each at most once.
    fn replies(kv: &Kv, command: &Command, others: &[Command], found: &mut Vec<Reply>) {
        found.push(kv.clone().apply(command));
        for (index, other) in others.iter().enumerate() {
            let mut after = kv.clone();
            after.apply(other);
            let rest: Vec<Command> = [&others[..index], &others[index + 1..]].concat();
            replies(&after, command, &rest, found);
        }
    }

    #[test]
    fn whatever_can_happen_is_never_ruled_out_and_most_of_the_rest_is() {
        let mut rng = Rng::keyed(&[5]);
        let (mut possible, mut ruled_out) = (0, 0);
        for _ in 0..3_000 {
            let mut kv = Kv::default();
            for _ in 0..rng.below(4) {
                kv.apply(&drawn(&mut rng));
            }
            let others: Vec<Command> = (0..rng.below(4)).map(|_| drawn(&mut rng)).collect();
            let command = drawn(&mut rng);
            let mut found = Vec::new();
            replies(&kv, &command, &others, &mut found);
            for reply in &found {
                assert!(
                    kv.can_reply((&command, reply), others.iter(), false),
                    "{command} → {reply} after some of {others:?} on {kv:?}"
                );
                possible += 1;
            }
            // A reply that another run gave.
            let mut other = Kv::default();
            other.apply(&drawn(&mut rng));
            let reply = other.apply(&command);
            if !found.contains(&reply) && !kv.can_reply((&command, &reply), others.iter(), false) {
                ruled_out += 1;
            }
        }
        assert!(possible > 10_000 && ruled_out > 300, "{possible}, {ruled_out}");
    }
}
