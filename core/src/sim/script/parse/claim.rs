//! What may be so at a moment of the run.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::deed::operation;
use super::who::May;
use super::{Context, values};
use crate::sim::invariants::Law;
use crate::sim::script::Error;
use crate::sim::script::lex::{Cursor, Token, shorten};
use crate::sim::script::tree::{
    Amount, Claim, Compare, Condition, Count, Got, Group, Holding, State, Who,
};

/// A condition has no more claims.
const MAX_CLAIMS: usize = 16;
/// The terms of a log that are compared.
const MAX_TERMS: usize = 256;

/// Numbers of processes, as they are named before `of`; whether they are a client's.
pub(in crate::sim::script) const AMOUNTS: [(&str, Amount, bool); 8] = [
    ("term", Amount::Term, false),
    ("commit index", Amount::Commit, false),
    ("last slot", Amount::Last, false),
    ("applied slot", Amount::Applied, false),
    ("snapshot slot", Amount::Snapshot, false),
    ("configuration", Amount::Configuration, false),
    ("attempts", Amount::Attempts, true),
    ("operations", Amount::Operations, true),
];

impl Context {
    pub(super) fn condition(&self, cursor: &mut Cursor<'_>) -> Result<Condition, Error> {
        let mut claims = Vec::new();
        let mut any = None;
        loop {
            let negated = cursor.accept("not");
            claims.push((negated, self.claim(cursor)?));
            let place = cursor.clone();
            let or = cursor.accept("or");
            if !or && !cursor.accept("and") {
                return Ok(Condition { any: any == Some(true), claims });
            }
            if any.is_some_and(|any| any != or) {
                return Err(place.fail("\"and\" and \"or\" do not mix here: make two lines of it."));
            }
            if claims.len() >= MAX_CLAIMS {
                let sentence = format!("More than {MAX_CLAIMS} claims at once: make two lines.");
                return Err(place.fail(sentence));
            }
            any = Some(or);
        }
    }

    fn claim(&self, cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
        for (words, exists) in [("a leader", true), ("no leader", false)] {
            let (place, mut ahead) = (cursor.clone(), cursor.clone());
            if ahead.accept(words) && matches!(ahead.peek(), Token::Word("of" | "exists")) {
                *cursor = ahead;
                let of = self.whose(cursor, &place, words)?;
                cursor.need("exists", "exists")?;
                return Ok(Claim::Leader { exists, of });
            }
        }
        if cursor.accept("all invariants") {
            return self.law(cursor, None);
        }
        if let Some(law) = Law::ALL.into_iter().find(|law| cursor.accept(law.id())) {
            return self.law(cursor, Some(law));
        }
        if let Token::Word(word) = cursor.peek()
            && ["RI-", "CI-", "KI-", "W-"].iter().any(|start| word.starts_with(start))
        {
            let known: Vec<&str> = Law::ALL.iter().map(|law| law.id()).collect();
            let (word, known) = (shorten(word), known.join(", "));
            return Err(cursor.fail(format!("There is no invariant {word}: there are {known}.")));
        }
        if let Some(count) = self.count_of(cursor)? {
            return self.compared(cursor, count);
        }
        if let Some(claim) = self.of_shards(cursor)? {
            return Ok(claim);
        }
        if cursor.accept("the link") {
            return self.link(cursor);
        }
        if cursor.accept("the history") {
            let linearizable = !cursor.accept("is not linearizable");
            if linearizable {
                cursor.need("is linearizable", "is linearizable, or is not linearizable")?;
            }
            return Ok(Claim::History { linearizable });
        }
        if cursor.accept("log of") || cursor.accept("logs of") {
            return self.logs(cursor);
        }
        if cursor.accept("stores of") {
            let group = self.group(cursor, May::Server)?;
            cursor.need("are equal", "stores of S1, S2 are equal")?;
            return Ok(Claim::SameStores(group));
        }
        let mut ahead = cursor.clone();
        if ahead.accept("a follower") || ahead.accept("another follower") {
            return self.of_servers(cursor);
        }
        let exists = cursor.accept("a") || cursor.accept("an");
        if exists || cursor.accept("no") {
            let pattern = self.pattern(cursor, false)?;
            cursor.need("is on its way", "is on its way")?;
            return Ok(Claim::Message { exists, pattern });
        }
        match cursor.peek() {
            Token::Word("slot") => self.slot(cursor),
            Token::Word("key") => self.stored(cursor),
            Token::Word("session") => self.session(cursor),
            Token::Word("Client" | "Operator") => self.of_client(cursor),
            _ => self.of_servers(cursor),
        }
    }

    fn law(&self, cursor: &mut Cursor<'_>, law: Option<Law>) -> Result<Claim, Error> {
        let broken = law.is_some() && cursor.accept("is broken");
        let verb = if law.is_some() { "holds" } else { "hold" };
        if !broken {
            cursor.need(verb, "holds, is broken, or for all invariants hold")?;
        }
        Ok(Claim::Law { law, broken })
    }

    fn count_of(&self, cursor: &mut Cursor<'_>) -> Result<Option<Count>, Error> {
        if cursor.accept("number of shards of") {
            return self.gid(cursor, false).map(|group| Some(Count::Shards(group)));
        }
        for (words, count) in [
            ("number of leaders", Count::Leaders),
            ("number of committed slots", Count::Committed),
            ("number of held messages", Count::Held),
        ] {
            let place = cursor.clone();
            if cursor.accept(words) {
                if count == Count::Committed {
                    self.one_log(&place)?;
                }
                return Ok(Some(count));
            }
        }
        let found = AMOUNTS.iter().find(|(name, ..)| cursor.accept(&format!("{name} of")));
        let Some((_, amount, client)) = found else { return Ok(None) };
        let may = if *client { May::Client } else { May::Server };
        Ok(Some(Count::Of(*amount, self.group(cursor, may)?)))
    }

    pub(super) fn compared(&self, cursor: &mut Cursor<'_>, count: Count) -> Result<Claim, Error> {
        cursor.need("is", "is 3, is at least 3 or is at most 3")?;
        let compare = if cursor.accept("at least") {
            Compare::AtLeast
        } else if cursor.accept("at most") {
            Compare::AtMost
        } else {
            Compare::Is
        };
        let number = values::count(cursor, u64::MAX)?;
        Ok(Claim::Count { count, compare, number })
    }

    fn link(&self, cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
        const FORM: &str = "the link from S1 to S2 is cut, or is whole";
        cursor.need("from", FORM)?;
        let from = self.who(cursor, May::Any)?;
        cursor.need("to", FORM)?;
        let to = self.who(cursor, May::Any)?;
        let cut = cursor.accept("is cut");
        if !cut {
            cursor.need("is whole", FORM)?;
        }
        Ok(Claim::Link { from, to, cut })
    }

    fn logs(&self, cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
        const FORM: &str = "has terms 1 1 2, has no entries or are equal";
        let group = self.group(cursor, May::Server)?;
        if cursor.accept("are equal") {
            return Ok(Claim::SameLogs(group));
        }
        if !cursor.accept("has") {
            cursor.need("have", FORM)?;
        }
        if cursor.accept("no entries") {
            return Ok(Claim::Terms(group, Vec::new()));
        }
        cursor.need("terms", FORM)?;
        let mut terms = Vec::from([values::count(cursor, u64::MAX)?]);
        while let Token::Word(word) = cursor.peek()
            && word.starts_with(|c: char| c.is_ascii_digit())
        {
            if terms.len() >= MAX_TERMS {
                return Err(cursor.fail(format!("More than {MAX_TERMS} terms: compare fewer.")));
            }
            terms.push(values::count(cursor, u64::MAX)?);
        }
        Ok(Claim::Terms(group, terms))
    }

    /// `slot 3 is committed`, `slot 3 is committed at S1`, `slot 3 of S1 holds "put x 1"`.
    fn slot(&self, cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
        const FORM: &str = "is committed, is committed at S1, or of S1 holds \"put x 1\"";
        let place = cursor.clone();
        cursor.need("slot", FORM)?;
        let slot = values::count(cursor, u64::MAX)?;
        if cursor.accept("is committed") {
            let at = cursor.accept("at").then(|| self.group(cursor, May::Server)).transpose()?;
            if at.is_none() {
                self.one_log(&place)?;
            }
            return Ok(Claim::Committed { slot, at });
        }
        cursor.need("of", FORM)?;
        let group = self.group(cursor, May::Server)?;
        if !cursor.accept("holds") && !cursor.accept("hold") {
            const FORM: &str = "holds \"put x 1\", a no-op, term 2 or nothing";
            return Err(cursor.wrong(FORM));
        }
        let holding = if cursor.accept("nothing") {
            Holding::Nothing
        } else if cursor.accept("a no-op") {
            Holding::Noop
        } else if cursor.accept("term") {
            Holding::Term(values::count(cursor, u64::MAX)?)
        } else {
            let place = cursor.clone();
            let text = cursor.quoted("\"put x 1\", a no-op, term 2 or nothing")?;
            Holding::Command(operation(text, &place)?)
        };
        if let Holding::Command(command) = &holding
            && format!("{command}").contains('"')
        {
            let mend = "A value with spaces cannot be named here: use one without.";
            return Err(cursor.fail(mend));
        }
        Ok(Claim::Slot { slot, group, holding })
    }

    /// `key x at S1 is "1"`.
    fn stored(&self, cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
        const FORM: &str = "key x at S1 is \"1\", or is missing";
        cursor.need("key", FORM)?;
        let key = match cursor.peek() {
            Token::Word(key) | Token::Quoted(key) if !key.is_empty() => String::from(key),
            _ => return Err(cursor.wrong(FORM)),
        };
        cursor.next();
        cursor.need("at", FORM)?;
        let at = self.group(cursor, May::Server)?;
        if !cursor.accept("is") {
            cursor.need("are", FORM)?;
        }
        let value = if cursor.accept("missing") { None } else { Some(cursor.quoted(FORM)?.into()) };
        Ok(Claim::Stored { key, at, value })
    }

    /// `session of Client 1 at S1 is 2`.
    fn session(&self, cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
        const FORM: &str = "session of Client 1 at S1 is 2, or is missing";
        cursor.need("session of", FORM)?;
        let client = self.who(cursor, May::Client)?;
        cursor.need("at", FORM)?;
        let at = self.group(cursor, May::Server)?;
        cursor.need("is", FORM)?;
        let last =
            if cursor.accept("missing") { None } else { Some(values::count(cursor, u64::MAX)?) };
        Ok(Claim::Session { client, at, last })
    }

    /// `Client 1 got "ok, version 1"`, `Client 1 read "1" in operation 2`, `Client 1 waits`.
    fn of_client(&self, cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
        const FORM: &str = "waits, got \"…\" or read \"…\"";
        let client = self.who(cursor, May::Client)?;
        let got = if cursor.accept("waits") {
            Got::Waits
        } else if cursor.accept("got") {
            Got::Answer(cursor.quoted(FORM)?.into())
        } else {
            cursor.need("read", FORM)?;
            Got::Read(cursor.quoted(FORM)?.into())
        };
        let operation =
            cursor.accept("in operation").then(|| values::count(cursor, u64::MAX)).transpose()?;
        Ok(Claim::Got { client, got, operation })
    }

    fn of_servers(&self, cursor: &mut Cursor<'_>) -> Result<Claim, Error> {
        let group = self.group(cursor, May::Server)?;
        let one = match &group {
            Group::Each(list) if list.len() == 1 => list.first().cloned(),
            _ => None,
        };
        if let Some(who) = &one {
            if !matches!(who, Who::All(_)) && cursor.accept("said") {
                let text = self.sentence(cursor, "said \"…\", with words of the trace")?;
                return Ok(Claim::Said { who: who.clone(), text });
            }
            if cursor.accept("answered") {
                let client = self.who(cursor, May::Client)?;
                return Ok(Claim::AnsweredBy { server: who.clone(), client });
            }
        }
        if cursor.accept("is why") || cursor.accept("are why") {
            return self.doubt(cursor).map(|doubt| Claim::Why(group, doubt));
        }
        if cursor.accept("voted for") {
            let nobody = cursor.accept("nobody");
            let candidate = if nobody { None } else { Some(self.who(cursor, May::Server)?) };
            return Ok(Claim::Voted(group, candidate));
        }
        let found = STATES.iter().find(|(one, many, _)| cursor.accept(one) || cursor.accept(many));
        let Some((.., state)) = found else {
            return Err(
                cursor.wrong("what is so: leads, follows, is down, voted for S1, said \"…\"")
            );
        };
        let state = match state {
            State::Follows(_) => State::Follows(self.followed(cursor)?),
            state => state.clone(),
        };
        Ok(Claim::Is(group, state))
    }

    fn followed(&self, cursor: &mut Cursor<'_>) -> Result<Option<Who>, Error> {
        let more = match cursor.peek() {
            Token::Word(word) => !["and", "or", "within", "for"].contains(&word),
            _ => false,
        };
        more.then(|| self.who(cursor, May::Server)).transpose()
    }
}

/// States, of one server and of several.
pub(in crate::sim::script) const STATES: [(&str, &str, State); 8] = [
    ("leads", "lead", State::Leads),
    ("follows", "follow", State::Follows(None)),
    ("is a candidate", "are candidates", State::Candidate),
    ("is a pre-candidate", "are pre-candidates", State::PreCandidate),
    ("is down", "are down", State::Down),
    ("is up", "are up", State::Up),
    ("is paused", "are paused", State::Paused),
    ("lost its disk", "lost their disks", State::LostDisk),
];
