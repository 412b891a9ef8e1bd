//! What may be asked of a moment: why something is not so.

use super::who::{May, number};
use super::{Context, values};
use crate::id::ConfigNumber;
use crate::sim::script::Error;
use crate::sim::script::lex::{Cursor, Token};
use crate::sim::script::tree::Doubt;

/// What a question may be.
const FORM: &str = "slot 5 is not committed, nobody leads, Client 1 waits, shard 5 is not served, \
                    or G2 has not taken configuration 4";

impl Context {
    /// `why nobody leads`, `who waits for whom`: the rest of a line that shows an answer.
    pub(super) fn show(&self, cursor: &mut Cursor<'_>) -> Result<Option<Doubt>, Error> {
        if cursor.accept("who waits for whom") {
            return Ok(None);
        }
        cursor.need("why", "why …, or who waits for whom")?;
        self.doubt(cursor).map(Some)
    }

    /// What is not so.
    pub(super) fn doubt(&self, cursor: &mut Cursor<'_>) -> Result<Doubt, Error> {
        match cursor.peek() {
            Token::Word("slot") => self.uncommitted(cursor),
            Token::Word("nobody") => {
                cursor.need("nobody leads", "nobody leads, or nobody leads G1")?;
                let groups = self.scenario.sharding.is_some();
                let of = groups.then(|| self.gid(cursor, true)).transpose()?;
                Ok(Doubt::Leader(of))
            }
            Token::Word("Client" | "Operator") => {
                let client = self.who(cursor, May::Client)?;
                cursor.need("waits", "Client 1 waits")?;
                Ok(Doubt::Waits(client))
            }
            Token::Word("shard") => {
                const FORM: &str = "shard 5 is not served";
                let shard = self.shard(cursor, FORM)?;
                cursor.need("is not served", FORM)?;
                Ok(Doubt::Shard(shard))
            }
            Token::Word(word) if number(word, "G").is_some() => {
                let group = self.gid(cursor, false)?;
                cursor.need("has not taken configuration", "G2 has not taken configuration 4")?;
                Ok(Doubt::Configuration(group, ConfigNumber(values::count(cursor, u64::MAX)?)))
            }
            _ => Err(cursor.wrong(FORM)),
        }
    }

    /// `slot 5 is not committed`, `slot 5 of G2 is not committed`.
    fn uncommitted(&self, cursor: &mut Cursor<'_>) -> Result<Doubt, Error> {
        const FORM: &str = "slot 5 is not committed, or slot 5 of G1 is not committed";
        let place = cursor.clone();
        cursor.need("slot", FORM)?;
        let slot = values::count(cursor, u64::MAX)?;
        let of = cursor.accept("of").then(|| self.gid(cursor, true)).transpose()?;
        if of.is_none() && self.scenario.sharding.is_some() {
            return Err(place.fail(
                "Each group has a log of its own: say where, as in slot 3 of G1 is not committed.",
            ));
        }
        cursor.need("is not committed", FORM)?;
        Ok(Doubt::Slot { slot, of })
    }
}
