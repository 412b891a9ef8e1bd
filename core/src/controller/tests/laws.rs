//! The laws of a controller, judged from outside after every command of drawn runs.

use alloc::string::String;

use super::*;
use crate::id::{ClientId, MutantId, Serial};
use crate::machine::{Call, Sessions};
use crate::rng::Rng;

/// How many shards each group has, in the order of the groups.
fn sizes(config: &Config) -> Vec<usize> {
    config.gids().map(|gid| config.shards.iter().filter(|owner| **owner == gid).count()).collect()
}

/// The fewest moves from one configuration to the groups of the next: what the groups that stay
/// have above their targets, if the largest get the larger ones, and all that the others had.
fn fewest(old: &Config, new: &Config) -> usize {
    let Some(target) = old.shards.len().checked_div(new.groups.len()) else { return 0 };
    let mut larger = old.shards.len() % new.groups.len();
    let had = |gid| old.shards.iter().filter(|owner| **owner == gid).count();
    let mut staying: Vec<usize> = new.gids().map(had).collect();
    staying.sort_unstable();
    let above = staying.iter().rev().map(|had| {
        let more = usize::from(larger > 0);
        larger -= more;
        had.saturating_sub(target + more)
    });
    let gone = old.gids().filter(|gid| !new.groups.contains_key(gid)).map(had);
    above.sum::<usize>() + gone.sum::<usize>()
}

/// What a command did, against what the laws allow: the first that is broken.
pub(super) fn judge(
    before: &Controller,
    command: &Command,
    reply: &Reply,
    after: &Controller,
) -> Result<(), &'static str> {
    let law = |holds: bool, law: &'static str| if holds { Ok(()) } else { Err(law) };
    let grown = matches!(reply, Reply::Changed(_)) as usize;
    let count = before.configs().count();
    let kept = after.configs().zip(before.configs()).all(|(new, old)| new == old);
    law(kept && after.configs().count() == count + grown, "CI-1: configurations are kept")?;
    let numbers = (0..).map(ConfigNumber);
    law(after.configs().map(|config| config.number).eq(numbers.take(count + grown)), "CI-1: gap")?;
    let (old, new) = (before.latest(), after.latest());
    let owned = |owner: &Gid| match new.groups.is_empty() {
        true => owner.0 == 0,
        false => new.groups.contains_key(owner),
    };
    law(new.shards.iter().all(owned), "CI-2: every shard has an owner that is there")?;
    let moves = old
        .shards
        .iter()
        .zip(&*new.shards)
        .filter(|(old, new)| old.0 != 0 && new.0 != 0 && old != new);
    match (command, reply) {
        (_, Reply::Refused(_)) => law(before == after, "CI-7: a refusal changes nothing")?,
        (Command::Query(_), _) => law(before == after, "CI-7: a query changes nothing")?,
        (Command::Move { shard, to }, _) => {
            let moved = moves.count() == 1 && new.owner(*shard) == Some(*to);
            law(moved && new.groups == old.groups, "CI-5: a move changes one shard")?;
        }
        (Command::Join(_) | Command::Leave(_), _) => {
            let sizes = sizes(new);
            let spread = sizes.iter().max().zip(sizes.iter().min()).map_or(0, |(a, b)| a - b);
            law(spread <= 1, "CI-3: shares differ by one at most")?;
            law(moves.count() == fewest(old, new), "CI-4: no more moves than needed")?;
            let gids: Vec<Gid> = new.gids().collect();
            let again = balance(&new.shards, &new.holders, &gids);
            let settled = gids.is_empty() || *again == *new.shards;
            law(settled, "CI-9: what is balanced stays")?;
        }
    }
    let last_owner = |shard: usize| {
        let owners = before.configs().map(|config| config.shards[shard]);
        owners.filter(|owner| owner.0 != 0).last().unwrap_or_default()
    };
    let holders = new.holders.iter().enumerate();
    let told = grown == 0 || holders.fold(true, |all, (at, held)| all && *held == last_owner(at));
    law(told, "holders: who owned a shard last has its data")
}

/// A command, good or bad: groups from 0 to 9, shards up to one too many.
pub(super) fn drawn(lane: &mut Rng, shards: u16) -> Command {
    let gid = |lane: &mut Rng| if lane.below(20) == 0 { 0 } else { 1 + lane.below(9) as u16 };
    let some = |lane: &mut Rng| -> Vec<u16> {
        let count = [0, 1, 1, 1, 1, 1, 1, 1, 2, 3][lane.below(10) as usize];
        (0..count).map(|_| gid(lane)).collect()
    };
    match lane.below(10) {
        0..4 => match join(&some(lane)) {
            Command::Join(mut groups) if lane.below(12) == 0 => {
                let stranger = NodeId(lane.below(40) as u16);
                groups.iter_mut().for_each(|(_, servers)| servers.push(stranger));
                Command::Join(groups)
            }
            good => good,
        },
        4..7 => leave(&some(lane)),
        7..9 => move_shard(lane.below(u64::from(shards) + 1) as u16, gid(lane)),
        _ => Command::Query(Some(ConfigNumber(lane.below(40)))),
    }
}

#[test]
fn the_laws_hold_after_every_command_of_drawn_runs() {
    let mut met = [0; 5];
    for seed in 0..400 {
        let mut lane = Rng::keyed(&[seed, 1]);
        let shards = 1 + lane.below(64) as u16;
        let mut controller = Controller::new(shards);
        for step in 0..60 {
            let command = drawn(&mut lane, shards);
            let (before, plan) = (controller.clone(), controller.plan(&command));
            let reply = controller.apply(&command);
            let at = || alloc::format!("seed {seed}, step {step}: {command} -> {reply}");
            assert_eq!(judge(&before, &command, &reply, &controller), Ok(()), "{}", at());
            assert_eq!(controller.bytes(), encoded_len(&controller), "{}", at());
            match (&plan, &reply) {
                (Err(refusal), Reply::Refused(told)) => assert_eq!(refusal, told, "{}", at()),
                (Ok(plan), _) => {
                    assert_eq!(&plan.config, controller.latest(), "{}", at());
                    assert_eq!(plan.moves(), plan.fewest, "{}", at());
                }
                _ => panic!("plan and reply differ: {plan:?} {}", at()),
            }
            let kind = match (&command, &reply) {
                (_, Reply::Refused(_)) => 0,
                (Command::Join(_), _) => 1,
                (Command::Leave(_), _) => 2,
                (Command::Move { .. }, _) => 3,
                (Command::Query(_), _) => 4,
            };
            met[kind] += 1;
        }
    }
    assert!(met.iter().all(|times| *times > 500), "not enough of everything: {met:?}");
}

/// CI-7: whatever a number was answered once, it is answered for ever.
#[test]
fn what_a_query_told_stays_true() {
    let mut lane = Rng::keyed(&[7]);
    let mut controller = Controller::new(12);
    let mut told: Vec<Reply> = Vec::new();
    for _ in 0..200 {
        controller.apply(&drawn(&mut lane, 12));
        let number = ConfigNumber(told.len() as u64);
        if controller.latest().number >= number {
            told.push(controller.apply(&Command::Query(Some(number))));
        }
        for (number, reply) in (0..).map(ConfigNumber).zip(&told) {
            assert_eq!(controller.apply(&Command::Query(Some(number))), *reply);
        }
    }
    assert!(told.len() > 20);
}

/// CI-6, RI-21: where a replica is has no part in what it decides.
#[test]
fn replicas_that_apply_the_same_are_equal_byte_for_byte() {
    for seed in 0..50 {
        let mut lane = Rng::keyed(&[seed, 2]);
        let mut replicas = vec![Controller::new(1 + lane.below(64) as u16); 3];
        for (server, replica) in (0..).map(NodeId).zip(&mut replicas) {
            replica.enter(Seat { server, mutant: MutantId::Paper });
        }
        for _ in 0..40 {
            let command = drawn(&mut lane, 12);
            let replies: Vec<Reply> = replicas.iter_mut().map(|it| it.apply(&command)).collect();
            assert!(replies.iter().all(|reply| *reply == replies[0]), "seed {seed}: {command}");
            let bytes = |it: &Controller| postcard::to_allocvec(it).unwrap();
            let first = bytes(&replicas[0]);
            assert!(replicas.iter().all(|it| bytes(it) == first), "seed {seed}: {command}");
        }
    }
}

/// CI-9: after a move by hand, groups that come and go take only what they need, and shards do not
/// wander between the others.
#[test]
fn a_move_by_hand_does_not_set_shards_wandering() {
    for seed in 0..200 {
        let mut lane = Rng::keyed(&[seed, 3]);
        let mut controller = changed(1 + lane.below(64) as u16, &[join(&[1, 2, 3])]);
        for _ in 0..lane.below(12) {
            let shard = lane.below(owners(&controller).len() as u64) as u16;
            controller.apply(&move_shard(shard, 1 + lane.below(3) as u16));
        }
        controller.apply(&join(&[4]));
        for round in 0..6 {
            let before = owners(&controller);
            let change = if round % 2 == 0 { leave(&[4]) } else { join(&[4]) };
            assert!(matches!(controller.apply(&change), Reply::Changed(_)));
            let moved = before.iter().zip(owners(&controller)).filter(|(old, new)| *old != new);
            let wandered = moved.filter(|(old, new)| **old != 4 && *new != 4);
            assert_eq!(wandered.count(), 0, "seed {seed}, round {round}");
        }
    }
}

#[test]
fn behind_sessions_a_repeat_changes_nothing_and_bytes_are_counted_as_they_are_encoded() {
    let mut lane = Rng::keyed(&[4]);
    let mut guarded = Sessions::around(Controller::new(16), 3);
    let mut told = String::new();
    for serial in 1..300 {
        let (client, serial) = (ClientId(1 + lane.below(5)), Serial(serial));
        let call = Call { client, serial, command: drawn(&mut lane, 16) };
        let reply = guarded.apply(&call);
        assert_eq!(guarded.bytes(), encoded_len(&guarded), "{}", call.command);
        let before = guarded.clone();
        assert_eq!(guarded.apply(&call), reply, "{}", call.command);
        assert_eq!(guarded, before);
        told = guarded.machine().latest().to_string();
    }
    assert!(guarded.machine().configs().count() > 30, "{told}");
}
