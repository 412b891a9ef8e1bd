//! What is done to the world, in words.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::super::settings::{Part, Setting};
use super::who::{self, May};
use super::{Context, values};
use crate::kv::Command;
use crate::rng::Ppm;
use crate::sim::action::PacketFault;
use crate::sim::network::{Latency, Verdict};
use crate::sim::script::Error;
use crate::sim::script::lex::{Cursor, Token, near, shorten};
use crate::sim::script::tree::{Deed, Group, Pattern, RuleEnd, Verb, Which, Who};

/// What is done to processes by their names.
const VERBS: [(&str, Verb); 6] = [
    ("crash", Verb::Crash),
    ("restart", Verb::Restart),
    ("wipe", Verb::Wipe),
    ("pause", Verb::Pause),
    ("resume", Verb::Resume),
    ("isolate", Verb::Isolate),
];

/// The first words of a line of the story.
const FIRST: [&str; 34] = [
    "say",
    "let",
    "after",
    "at",
    "when",
    "until",
    "expect",
    "ask",
    "choice",
    "answer",
    "crash",
    "restart",
    "wipe",
    "pause",
    "resume",
    "isolate",
    "cut",
    "mend",
    "partition",
    "heal",
    "clear",
    "deliver",
    "drop",
    "delay",
    "duplicate",
    "hold",
    "set",
    "slow",
    "clock",
    "join",
    "leave",
    "move",
    "query",
    "show",
];

/// Whether a line of the story may begin with this word.
pub(super) fn begins_line(word: &str) -> bool {
    let process = matches!(word, "Client" | "Operator") || who::is_process(word);
    process || FIRST.contains(&word)
}

impl Verb {
    /// How a script says it.
    pub(in crate::sim::script) fn word(self) -> &'static str {
        VERBS.iter().find(|(_, verb)| *verb == self).map_or("", |(word, _)| word)
    }
}

impl Context {
    pub(super) fn deed(&self, cursor: &mut Cursor<'_>) -> Result<Deed, Error> {
        if let Some((_, verb)) = VERBS.iter().find(|(word, _)| cursor.accept(word)) {
            let may = match verb {
                Verb::Pause | Verb::Resume => May::Any,
                _ => May::PickServer,
            };
            let picks = matches!(cursor.peek(), Token::Word("a" | "another"));
            let may = if picks { May::PickServer } else { may };
            return self.group(cursor, may).map(|group| Deed::Each(*verb, group));
        }
        if let Some(order) = self.order(cursor)? {
            return Ok(Deed::Control { client: Who::Operator, order });
        }
        let place = cursor.clone();
        let Token::Word(word) = cursor.next() else {
            return Err(place.wrong("what happens next, such as crash the leader"));
        };
        match word {
            "cut" => self.links(cursor, true),
            "mend" => self.links(cursor, false),
            "partition" => self.partition(cursor),
            "heal" => Ok(Deed::Heal),
            "clear" => cursor.need("rules", "clear rules").map(|()| Deed::ClearRules),
            "deliver" | "drop" | "delay" | "duplicate" | "hold" => self.messages(cursor, word),
            "set" => self.set(cursor),
            "slow" => {
                const FORM: &str = "slow the disk of S1 by 10";
                cursor.need("the disk of", FORM)?;
                let group = self.group(cursor, May::Server)?;
                cursor.need("by", FORM)?;
                Ok(Deed::SlowDisk { group, times: values::count(cursor, 10_000)?.max(1) as u32 })
            }
            "clock" => self.clock(cursor),
            _ => {
                *cursor = place;
                self.by_somebody(cursor)
            }
        }
    }

    /// `S1 starts an election`, `S1 hands leadership over to S2`, `Client 1: put x 1`.
    fn by_somebody(&self, cursor: &mut Cursor<'_>) -> Result<Deed, Error> {
        let place = cursor.clone();
        let is_client = matches!(place.peek(), Token::Word("Client" | "Operator"));
        let may = if is_client { May::Client } else { May::PickServer };
        let who = self.who(cursor, may).map_err(|error| match may {
            May::Client => error,
            _ => self.no_statement(&place, error),
        })?;
        if is_client {
            let mut ahead = cursor.clone();
            if ahead.accept_mark(':')
                && let Some(order) = self.order(&mut ahead)?
            {
                *cursor = ahead;
                return Ok(Deed::Control { client: who, order });
            }
            let command = command(cursor, "a colon and an operation, as in Client 1: put x 1")?;
            return Ok(Deed::Invoke { client: who, command });
        }
        if cursor.peek() == Token::Mark(':') {
            let mut ahead = cursor.clone();
            ahead.next();
            let asked = ahead.clone();
            if self.order(&mut ahead)?.is_some() {
                let mend = "Only clients ask the controller: write it without a name, and the \
                            operator does, or behind Client 1.";
                return Err(asked.fail(mend));
            }
            let command = command(cursor, "S1: put x 1")?;
            return Ok(Deed::Propose { server: who, command });
        }
        if cursor.accept("hands leadership over") {
            cursor.need("to", "S1 hands leadership over to S2")?;
            return Ok(Deed::Transfer { from: who, to: self.who(cursor, May::PickServer)? });
        }
        cursor.need(
            "starts an election",
            "S1 starts an election, S1 hands leadership over to S2, or S1: put x 1",
        )?;
        Ok(Deed::Elect(who))
    }

    /// What a line begins with is no verb and nobody's name.
    fn no_statement(&self, place: &Cursor<'_>, error: Error) -> Error {
        let Token::Word(word) = place.peek() else { return error };
        let named = word.starts_with(|c: char| c.is_ascii_uppercase());
        if named || matches!(word, "the" | "a" | "another") || error.sentence.contains("capital") {
            return error;
        }
        let mut ahead = place.clone();
        if let Some(setting) = Setting::ALL.iter().find(|setting| ahead.accept(setting.name)) {
            let name = setting.name;
            return place.fail(match setting.part {
                Part::Start | Part::Sharded => {
                    format!("\"{name}\" is a setting: write it under cluster.")
                }
                _ => format!("\"{name}\" is a setting: write \"set {name}\" to change it here."),
            });
        }
        let word = shorten(word);
        match near(&word, FIRST.into_iter()) {
            Some(known) => place.fail(format!("\"{word}\" begins no line: did you mean {known}?")),
            None => place.fail(format!(
                "\"{word}\" begins no line: say, when, expect, crash, cut and the like do, or a \
                 server."
            )),
        }
    }

    fn links(&self, cursor: &mut Cursor<'_>, cut: bool) -> Result<Deed, Error> {
        let form = if cut {
            "cut between S1 and S2, or cut from S1 to S2"
        } else {
            "mend between S1 and S2, or mend from S1 to S2"
        };
        let both = cursor.accept("between");
        if !both {
            cursor.need("from", form)?;
        }
        let from = self.group(cursor, May::Any)?;
        cursor.need(if both { "and" } else { "to" }, form)?;
        let to = self.group(cursor, May::Any)?;
        Ok(Deed::Links { cut, both, from, to })
    }

    /// `partition S1, S2 | S3, S4, S5`, `partition S1, S2 | the rest`, `… | nobody`.
    fn partition(&self, cursor: &mut Cursor<'_>) -> Result<Deed, Error> {
        let mut sides = Vec::new();
        loop {
            let place = cursor.clone();
            if cursor.accept("the rest") {
                if sides.contains(&Group::Rest) {
                    return Err(place.fail("The rest can be on one side only: take one away."));
                }
                sides.push(Group::Rest);
            } else if cursor.accept("nobody") {
                sides.push(Group::Nobody);
            } else {
                sides.push(self.group(cursor, May::Any)?);
            }
            if !cursor.accept_mark('|') {
                break;
            }
            if sides.len() >= 41 {
                return Err(cursor.fail("A partition has no more than 41 sides: leave some out."));
            }
        }
        if sides.len() < 2 {
            return Err(cursor.wrong("another side, as in partition S1, S2 | the rest"));
        }
        Ok(Deed::Partition(sides))
    }

    /// `deliver the vote from S3 to S1`, or a rule: `hold appends from S1`.
    fn messages(&self, cursor: &mut Cursor<'_>, verb: &str) -> Result<Deed, Error> {
        if let Some(which) = self.which(cursor)? {
            let fault = match verb {
                "deliver" => PacketFault::Deliver,
                "drop" => PacketFault::Drop,
                "hold" => PacketFault::Hold,
                "duplicate" => PacketFault::Duplicate,
                _ => {
                    cursor.need("by", "delay the vote from S3 by 20 ms")?;
                    PacketFault::Delay(values::time(cursor)?)
                }
            };
            return Ok(Deed::Meddle { fault, which });
        }
        if verb == "deliver" {
            return Err(cursor.wrong("deliver the …, deliver every …, or deliver message 7"));
        }
        let pattern = self.pattern(cursor, true)?;
        let verdict = match verb {
            "drop" => Verdict::Drop,
            "hold" => Verdict::Hold,
            "duplicate" => Verdict::Duplicate,
            _ => {
                cursor.need("by", "delay votes from S3 by 20 ms")?;
                Verdict::Delay(values::latency(cursor)?)
            }
        };
        self.rule(cursor, verdict, pattern)
    }

    fn which(&self, cursor: &mut Cursor<'_>) -> Result<Option<Which>, Error> {
        if cursor.accept("the") {
            return self.pattern(cursor, false).map(|pattern| Some(Which::The(pattern)));
        }
        if cursor.accept("every") {
            return self.pattern(cursor, false).map(|pattern| Some(Which::Every(pattern)));
        }
        if cursor.accept("message") {
            return values::count(cursor, u64::MAX).map(|number| Some(Which::Number(number)));
        }
        Ok(None)
    }

    fn rule(
        &self,
        cursor: &mut Cursor<'_>,
        verdict: Verdict,
        pattern: Pattern,
    ) -> Result<Deed, Error> {
        let chance =
            if cursor.accept("with chance") { values::chance(cursor)? } else { Ppm::ALWAYS };
        let end = if cursor.accept("for") {
            RuleEnd::After(values::some_time(cursor)?)
        } else if cursor.accept("until") {
            RuleEnd::At(values::moment(cursor)?)
        } else {
            RuleEnd::Never
        };
        if let Verdict::Delay(Latency::Uniform { min, max }) = verdict
            && min > max
        {
            return Err(cursor.fail(format!(
                "The shortest delay, {min}, is longer than the longest, {max}: swap them."
            )));
        }
        Ok(Deed::Rule { verdict, pattern, chance, end })
    }

    /// `set latency 20 ms, loss 5 %`.
    fn set(&self, cursor: &mut Cursor<'_>) -> Result<Deed, Error> {
        let mut scenario = self.scenario.clone();
        let mut list = Vec::new();
        loop {
            let place = cursor.clone();
            let assignment = self.assignment(cursor)?;
            if matches!(assignment.setting.part, Part::Start | Part::Sharded) {
                let name = assignment.setting.name;
                return Err(place.fail(format!(
                    "\"{name}\" cannot change while the run goes on: set it under cluster."
                )));
            }
            (assignment.setting.set)(&mut scenario, &assignment.value);
            if let Some(complaint) = scenario.complaints().first() {
                return Err(place.fail(complaint.sentence.clone()));
            }
            list.push(assignment);
            if list.len() > 16 {
                return Err(place.fail("More than 16 settings change at once: make two lines."));
            }
            if !cursor.accept_mark(',') {
                return Ok(Deed::Set(list));
            }
        }
    }

    fn clock(&self, cursor: &mut Cursor<'_>) -> Result<Deed, Error> {
        const FORM: &str = "clock of S1 jumps 300 ms, or clock of S1 drifts 200 ppm";
        cursor.need("of", FORM)?;
        let group = self.group(cursor, May::Any)?;
        let jump = cursor.accept("jumps").then(|| values::some_time(cursor)).transpose()?;
        if jump.is_some() && !cursor.accept("and") {
            return Ok(Deed::Clock { group, jump, drift: None });
        }
        cursor.need("drifts", FORM)?;
        Ok(Deed::Clock { group, jump, drift: Some(values::drift(cursor)?) })
    }
}

/// A colon, and the command behind it.
fn command(cursor: &mut Cursor<'_>, form: &str) -> Result<Command, Error> {
    if !cursor.accept_mark(':') {
        return Err(cursor.wrong(form));
    }
    let place = cursor.clone();
    operation(cursor.rest(), &place)
}

/// An operation. It must be one that can be printed again as it was written.
pub(super) fn operation(text: &str, place: &Cursor<'_>) -> Result<Command, Error> {
    let command: Command = text.parse().map_err(|error| place.fail(format!("{error}")))?;
    if command.to_string().parse().as_ref() != Ok(&command) {
        return Err(place.fail("A key or value cannot have quotes in it: leave them out."));
    }
    Ok(command)
}
