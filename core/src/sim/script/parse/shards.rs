//! Groups and their servers by name, what the controller is asked for, and what may be so of
//! shards.

use alloc::format;
use alloc::vec::Vec;

use super::who::{May, is_process, number};
use super::{Context, values};
use crate::id::{ConfigNumber, Gid, ShardId};
use crate::shardkv::Status;
use crate::sim::script::Error;
use crate::sim::script::lex::{Cursor, Token};
use crate::sim::script::resolve::group_name;
use crate::sim::script::tree::{Claim, Count, Order, ShardClaim, Who};

/// What a group has of a shard, in words.
pub(in crate::sim::script) const STATUSES: [(&str, Status); 5] = [
    ("serves", Status::Serving),
    ("awaits", Status::Awaiting),
    ("has frozen", Status::Frozen),
    ("has parked", Status::Parked),
    ("holds nothing of", Status::Absent),
];

/// The most groups in one order.
const MAX_ORDERED: usize = 64;

const NO_GROUPS: &str = "There are no groups here: write for instance \"groups 3\" under cluster.";

impl Context {
    /// A server, to be named in a sentence.
    pub(super) fn example(&self) -> &'static str {
        if self.scenario.sharding.is_some() { "G1.S1" } else { "S1" }
    }

    /// The group behind `the leader`, which is named wherever there are several.
    pub(super) fn whose(
        &self,
        cursor: &mut Cursor<'_>,
        place: &Cursor<'_>,
        words: &str,
    ) -> Result<Option<Gid>, Error> {
        if cursor.accept("of") {
            return self.gid(cursor, true).map(Some);
        }
        if self.scenario.sharding.is_none() {
            return Ok(None);
        }
        Err(place.fail(format!(
            "It is not clear which group is meant: write {words} of G1, or of CTL, the controller."
        )))
    }

    /// A group: `G2`; perhaps also `CTL`.
    pub(super) fn gid(&self, cursor: &mut Cursor<'_>, controller: bool) -> Result<Gid, Error> {
        if self.scenario.sharding.is_none() {
            return Err(cursor.fail(NO_GROUPS));
        }
        let Token::Word(word) = cursor.peek() else {
            return Err(cursor.wrong("a group, such as G1"));
        };
        if word == "CTL" && !controller {
            return Err(cursor.fail("The controller holds no shards: name a group, such as G1."));
        }
        let gid = self.gid_of(cursor, word)?;
        cursor.next();
        Ok(gid)
    }

    /// The group that a word names, which stands at the cursor.
    fn gid_of(&self, cursor: &Cursor<'_>, word: &str) -> Result<Gid, Error> {
        let most = self.scenario.sharding.map_or(0, |sharding| sharding.groups);
        match number(word, "G") {
            _ if word == "CTL" => Ok(Gid(0)),
            Some(number) if number <= u64::from(most) => Ok(Gid(number as u16)),
            Some(number) => Err(cursor.fail(match most {
                1 => format!("There is no group G{number}: there is G1 only."),
                _ => format!("There is no group G{number}: there are G1 to G{most}."),
            })),
            None => Err(cursor.wrong("a group, such as G1")),
        }
    }

    /// A process where there are groups: `G2.S1`, `CTL.S1`, `Operator`, or all of `G2`.
    pub(super) fn in_groups(&self, cursor: &mut Cursor<'_>, word: &str) -> Result<Who, Error> {
        if self.scenario.sharding.is_none() {
            return Err(cursor.fail(NO_GROUPS));
        }
        if cursor.accept("Operator") {
            return Ok(Who::Operator);
        }
        if let Some(number) = number(word, "S") {
            return Err(cursor.fail(format!(
                "Each group has servers of its own: write G1.S{number}, or CTL.S{number} of the \
                 controller."
            )));
        }
        if !is_process(word) {
            return Err(cursor.fail(self.nobody(word)));
        }
        let (group, server) = match word.split_once('.') {
            Some((group, server)) => (group, number(server, "S")),
            None => (word, None),
        };
        let gid = self.gid_of(cursor, group)?;
        let servers = self.scenario.members(gid).len() as u64;
        let who = match server {
            None => Who::All(gid),
            Some(number) if number <= servers => Who::Member(gid, number as u16),
            Some(number) => {
                let group = group_name(gid);
                return Err(cursor.fail(format!(
                    "There is no {group}.S{number}: there are {group}.S1 to {group}.S{servers}."
                )));
            }
        };
        cursor.next();
        Ok(who)
    }

    pub(super) fn shard(&self, cursor: &mut Cursor<'_>, form: &str) -> Result<ShardId, Error> {
        let Some(sharding) = self.scenario.sharding else { return Err(cursor.fail(NO_GROUPS)) };
        cursor.need("shard", form)?;
        let place = cursor.clone();
        let shard = values::count(cursor, u64::MAX)?;
        let last = sharding.shards.saturating_sub(1);
        if shard > u64::from(last) {
            return Err(place.fail(match last {
                0 => format!("There is no shard {shard}: there is shard 0 only."),
                _ => format!("There is no shard {shard}: there are shards 0 to {last}."),
            }));
        }
        Ok(ShardId(shard as u16))
    }

    /// `join G1, G2`, `leave G1`, `move shard 5 to G2`, `query configuration 3`.
    pub(super) fn order(&self, cursor: &mut Cursor<'_>) -> Result<Option<Order>, Error> {
        let Token::Word(word @ ("join" | "leave" | "move" | "query")) = cursor.peek() else {
            return Ok(None);
        };
        if self.scenario.sharding.is_none() {
            return Err(cursor.fail(
                "There is no shard controller here: write for instance \"groups 3\" under cluster.",
            ));
        }
        cursor.next();
        Ok(Some(match word {
            "join" => Order::Join(self.gids(cursor)?),
            "leave" => Order::Leave(self.gids(cursor)?),
            "move" => {
                const FORM: &str = "move shard 5 to G2";
                let shard = self.shard(cursor, FORM)?;
                cursor.need("to", FORM)?;
                Order::Move { shard, to: self.gid(cursor, false)? }
            }
            _ if cursor.accept("the configuration") => Order::Query(None),
            _ => {
                const FORM: &str = "query the configuration, or query configuration 3";
                cursor.need("configuration", FORM)?;
                Order::Query(Some(ConfigNumber(values::count(cursor, u64::MAX)?)))
            }
        }))
    }

    fn gids(&self, cursor: &mut Cursor<'_>) -> Result<Vec<Gid>, Error> {
        let mut list = Vec::from([self.gid(cursor, false)?]);
        while cursor.accept_mark(',') {
            list.push(self.gid(cursor, false)?);
            if list.len() > MAX_ORDERED {
                let sentence = format!("More than {MAX_ORDERED} are named: name each once.");
                return Err(cursor.fail(sentence));
            }
        }
        Ok(list)
    }

    /// What may be so of groups and shards; none: the line says something else.
    pub(super) fn of_shards(&self, cursor: &mut Cursor<'_>) -> Result<Option<Claim>, Error> {
        if cursor.accept("every group has a leader") {
            return Ok(Some(Claim::Led));
        }
        if cursor.accept("nobody serves") {
            let shard = self.shard(cursor, "nobody serves shard 5")?;
            let status = Status::Serving;
            return Ok(Some(Claim::Shards(ShardClaim::Has { group: None, status, shard })));
        }
        match cursor.peek() {
            Token::Word("configuration") => self.configuration(cursor).map(Some),
            Token::Word("shard") => self.moving(cursor).map(Some),
            Token::Word(word) if is_process(word) && !word.contains('.') => self.holds(cursor),
            _ => Ok(None),
        }
    }

    /// `configuration is 4`, `configuration 4 is applied everywhere`, `… is applied at G2`.
    fn configuration(&self, cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
        const FORM: &str = "configuration is 4, or configuration 4 is applied everywhere";
        if self.scenario.sharding.is_none() {
            return Err(cursor.fail(NO_GROUPS));
        }
        cursor.need("configuration", FORM)?;
        if cursor.peek() == Token::Word("is") {
            return self.compared(cursor, Count::Configuration);
        }
        let Token::Word(_) = cursor.peek() else { return Err(cursor.wrong(FORM)) };
        let config = ConfigNumber(values::count(cursor, u64::MAX)?);
        cursor.need("is applied", FORM)?;
        if cursor.accept("everywhere") {
            return Ok(Claim::Shards(ShardClaim::Applied { config, at: None }));
        }
        cursor.need("at", "everywhere, or at G2")?;
        let at = Some(self.group(cursor, May::Server)?);
        Ok(Claim::Shards(ShardClaim::Applied { config, at }))
    }

    /// `shard 5 is on its way from G1 to G2`.
    fn moving(&self, cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
        const FORM: &str = "shard 5 is on its way from G1 to G2";
        let shard = self.shard(cursor, FORM)?;
        cursor.need("is on its way from", FORM)?;
        let from = self.gid(cursor, false)?;
        cursor.need("to", FORM)?;
        let to = self.gid(cursor, false)?;
        Ok(Claim::Shards(ShardClaim::Moving { shard, from, to }))
    }

    /// `G2 serves shard 5`, `G1 holds nothing of shard 5`.
    fn holds(&self, cursor: &mut Cursor<'_>) -> Result<Option<Claim>, Error> {
        let mut ahead = cursor.clone();
        ahead.next();
        let found = STATUSES.iter().find(|(words, _)| ahead.accept(words));
        let Some((words, status)) = found else { return Ok(None) };
        let group = Some(self.gid(cursor, false)?);
        cursor.need(words, words)?;
        let shard = self.shard(cursor, &format!("G1 {words} shard 5"))?;
        Ok(Some(Claim::Shards(ShardClaim::Has { group, status: *status, shard })))
    }

    /// Slots belong to one log: where there are several, which one must be said.
    pub(super) fn one_log(&self, place: &Cursor<'_>) -> Result<(), Error> {
        match self.scenario.sharding {
            None => Ok(()),
            Some(_) => Err(place.fail(
                "Each group has a log of its own: say where, as in slot 3 is committed at G1.",
            )),
        }
    }
}
