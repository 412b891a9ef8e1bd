//! The lines of the story, but for what is done in them.

use alloc::format;

use super::who::May;
use super::{Context, values};
use crate::sim::script::Error;
use crate::sim::script::lex::{Cursor, Token, shorten};
use crate::sim::script::tree::{Span, Statement};
use crate::time::Duration;

/// A question has no more choices.
const MAX_CHOICES: u32 = 8;
/// A story gives no more names.
const MAX_NAMES: usize = 64;

impl Context {
    pub(super) fn statement(&mut self, cursor: &mut Cursor<'_>) -> Result<Statement, Error> {
        let place = cursor.clone();
        if cursor.accept("choice") {
            return self.choice(cursor, &place);
        }
        // A question without two choices is none: what follows it must be a choice.
        if let Some((line, choices)) = self.question
            && choices < 2
        {
            return Err(place.fail(format!(
                "The question in line {line} needs two choices: write choice \"…\" if …."
            )));
        }
        match cursor.peek() {
            Token::Word("say") => {
                cursor.next();
                self.sentence(cursor, "say \"…\"").map(Statement::Say)
            }
            Token::Word("show") => {
                cursor.next();
                self.show(cursor).map(Statement::Show)
            }
            Token::Word("let") => {
                cursor.next();
                self.naming(cursor)
            }
            Token::Word("after") => {
                cursor.next();
                values::some_time(cursor).map(Statement::After)
            }
            Token::Word("at") => {
                cursor.next();
                if cursor.accept("step") {
                    return values::count(cursor, u64::MAX).map(Statement::AtStep);
                }
                values::moment(cursor).map(Statement::At)
            }
            Token::Word(word @ ("when" | "until")) => {
                cursor.next();
                let condition = self.condition(cursor)?;
                let within = self.span(cursor, "within")?;
                Ok(Statement::Wait { until: word == "until", condition, within })
            }
            Token::Word("expect") => {
                cursor.next();
                let condition = self.condition(cursor)?;
                let span = match self.span(cursor, "within")? {
                    Some(time) => Span::Within(time),
                    None => self.span(cursor, "for")?.map_or(Span::Now, Span::For),
                };
                Ok(Statement::Expect { condition, span })
            }
            Token::Word("ask") => {
                cursor.next();
                self.no_question(&place)?;
                let text = self.sentence(cursor, "ask \"…\"")?;
                self.question = Some((place.line(), 0));
                Ok(Statement::Ask(text))
            }
            Token::Word("answer") => {
                cursor.next();
                self.answer(cursor, &place)
            }
            _ => self.deed(cursor).map(Statement::Do),
        }
    }

    fn span(&self, cursor: &mut Cursor<'_>, word: &str) -> Result<Option<Duration>, Error> {
        cursor.accept(word).then(|| values::some_time(cursor)).transpose()
    }

    fn choice(&mut self, cursor: &mut Cursor<'_>, place: &Cursor<'_>) -> Result<Statement, Error> {
        let Some((line, choices)) = self.question.filter(|_| self.choosing) else {
            return Err(
                place.fail("A choice stands right below its question: put ask \"…\" before.")
            );
        };
        if choices >= MAX_CHOICES {
            return Err(place
                .fail(format!("A question has at most {MAX_CHOICES} choices: leave some out.")));
        }
        let text = self.sentence(cursor, "choice \"…\" if …")?;
        cursor.need("if", "choice \"…\" if …, with what makes it right")?;
        let condition = self.condition(cursor)?;
        self.question = Some((line, choices + 1));
        Ok(Statement::Choice { text, condition })
    }

    fn answer(&mut self, cursor: &mut Cursor<'_>, place: &Cursor<'_>) -> Result<Statement, Error> {
        if self.question.take().is_none() {
            return Err(place.fail("No question is open here: ask one first, with ask \"…\"."));
        }
        let why = match cursor.peek() {
            Token::End => None,
            _ => Some(self.sentence(cursor, "answer, or answer \"…\" with a sentence")?),
        };
        Ok(Statement::Answer(why))
    }

    /// `let OldLeader be the leader`.
    fn naming(&mut self, cursor: &mut Cursor<'_>) -> Result<Statement, Error> {
        let Token::Word(name) = cursor.peek() else {
            return Err(cursor.wrong("a name, as in let Old be the leader"));
        };
        let capital = name.starts_with(|c: char| c.is_ascii_uppercase());
        let plain = name.len() <= 24 && name.chars().all(|c| c.is_ascii_alphanumeric());
        let taken = |start: char| {
            let rest = name.strip_prefix(start).unwrap_or("x");
            rest.bytes().all(|byte| byte.is_ascii_digit())
        };
        let taken = taken('S') || taken('G') || ["Client", "CTL", "Operator"].contains(&name);
        if !capital || !plain || taken {
            return Err(cursor.fail(format!(
                "\"{}\" cannot be a name: begin with a capital letter, go on with letters, and \
                 leave S1, G1, CTL, Client and Operator to those who have them.",
                shorten(name)
            )));
        }
        if self.names.len() >= MAX_NAMES {
            return Err(cursor.fail(format!("A story gives at most {MAX_NAMES} names: reuse one.")));
        }
        cursor.next();
        cursor.need("be", "let Old be the leader")?;
        let who = self.who(cursor, May::PickServer)?;
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.into());
        }
        Ok(Statement::Let { name: name.into(), who })
    }
}
