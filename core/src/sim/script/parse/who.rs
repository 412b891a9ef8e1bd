//! Processes, groups of them, and kinds of messages.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Context;
use crate::id::NodeId;
use crate::sim::script::Error;
use crate::sim::script::lex::{Cursor, Token, near, shorten};
use crate::sim::script::tree::{Group, Kind, Pattern, Who};

/// What may stand where a process is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum May {
    /// A server; also one that is picked, as in `a follower`.
    PickServer,
    /// A server.
    Server,
    /// A client.
    Client,
    /// Any process.
    Any,
}

/// The number behind a prefix: `S3`.
fn number(word: &str, prefix: &str) -> Option<u64> {
    let digits = word.strip_prefix(prefix)?;
    let plain = !digits.is_empty() && digits.len() <= 6 && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Context {
    /// A process.
    pub(super) fn who(&self, cursor: &mut Cursor<'_>, may: May) -> Result<Who, Error> {
        let place = cursor.clone();
        let who = self.any_who(cursor)?;
        let is_client = matches!(who, Who::Client(_));
        match (may, &who) {
            (May::Client, _) if !is_client => {
                Err(place.fail("A client is meant here: name one, such as Client 1."))
            }
            (May::Server | May::PickServer, _) if is_client => {
                Err(place.fail("A server is meant here: name one, such as S1."))
            }
            (May::Server | May::Any, Who::Follower | Who::AnotherFollower) => Err(place.fail(
                "It is not clear which follower is meant: name it first, with \"let F be a \
                 follower\".",
            )),
            _ => Ok(who),
        }
    }

    fn any_who(&self, cursor: &mut Cursor<'_>) -> Result<Who, Error> {
        for (words, who) in [
            ("the leader", Who::Leader),
            ("a follower", Who::Follower),
            ("another follower", Who::AnotherFollower),
        ] {
            if cursor.accept(words) {
                return Ok(who);
            }
        }
        let place = cursor.clone();
        if cursor.accept("Client") {
            let clients = self.scenario.clients;
            let number = super::values::count(cursor, u64::from(u16::MAX))? as u16;
            return match number {
                _ if (1..=clients).contains(&number) => Ok(Who::Client(number)),
                _ if clients == 0 => Err(place.fail(
                    "The cluster has no clients: write for instance \"clients 1\" under cluster.",
                )),
                _ => Err(place.fail(format!(
                    "There is no Client {number}: there are Client 1 to Client {clients}."
                ))),
            };
        }
        let Token::Word(word) = cursor.peek() else {
            return Err(cursor.wrong("a server, such as S1 or the leader"));
        };
        if let Some(name) = self.names.iter().find(|name| *name == word) {
            cursor.next();
            return Ok(Who::Named(name.clone()));
        }
        let servers = self.scenario.servers;
        match number(word, "S") {
            Some(number) if (1..=u64::from(servers)).contains(&number) => {
                cursor.next();
                Ok(Who::Server(NodeId(number as u16 - 1)))
            }
            Some(number) => {
                Err(cursor.fail(format!("There is no S{number}: there are S1 to S{servers}.")))
            }
            None => Err(cursor.fail(self.nobody(word))),
        }
    }

    fn nobody(&self, word: &str) -> String {
        let servers: Vec<String> = (1..=self.scenario.servers).map(|n| format!("S{n}")).collect();
        let short = shorten(word);
        if let Some(server) = servers.iter().find(|server| server.eq_ignore_ascii_case(word)) {
            return format!("\"{short}\" is nobody: servers have a capital letter, {server}.");
        }
        if ["the", "a", "an", "another"].contains(&word) {
            return format!(
                "\"{short}\" is followed by nobody known: write the leader, a follower, another \
                 follower or the followers."
            );
        }
        match near(word, self.names.iter().map(String::as_str)) {
            Some(name) => format!("\"{short}\" is nobody: did you mean {name}?"),
            None => format!(
                "\"{short}\" is nobody: write S1, the leader, Client 1, or a name given by let."
            ),
        }
    }

    /// Several processes: `S1, S2`, `all servers`.
    pub(super) fn group(&self, cursor: &mut Cursor<'_>, may: May) -> Result<Group, Error> {
        let place = cursor.clone();
        for (words, group) in [
            ("all servers", Group::Servers),
            ("the followers", Group::Followers),
            ("all clients", Group::Clients),
        ] {
            if !cursor.accept(words) {
                continue;
            }
            let fits = match group {
                Group::Clients => matches!(may, May::Client | May::Any),
                _ => may != May::Client,
            };
            return if fits {
                Ok(group)
            } else {
                Err(place.fail(format!("\"{words}\" cannot be meant here: name others.")))
            };
        }
        let mut list = Vec::from([self.who(cursor, may)?]);
        while cursor.accept_mark(',') {
            list.push(self.who(cursor, may)?);
            if list.len() > 64 {
                return Err(place.fail("More than 64 are named: name each once."));
            }
        }
        Ok(Group::Each(list))
    }

    /// A kind of messages with their ends: `vote from S3 to S1`. `many`: as rules name them.
    pub(super) fn pattern(&self, cursor: &mut Cursor<'_>, many: bool) -> Result<Pattern, Error> {
        let held = !many && cursor.accept("held");
        let name = |kind: &Kind| if many { kind.many } else { kind.one };
        let mut kinds = Kind::ALL.iter().filter(|kind| !name(kind).is_empty());
        let Some(kind) = kinds.find(|kind| cursor.accept(name(kind))) else {
            return Err(self.no_kind(cursor, many));
        };
        let from = cursor.accept("from").then(|| self.group(cursor, May::Any)).transpose()?;
        let to = cursor.accept("to").then(|| self.group(cursor, May::Any)).transpose()?;
        Ok(Pattern { held, kind, from, to })
    }

    fn no_kind(&self, cursor: &Cursor<'_>, many: bool) -> Error {
        let example = if many { "votes or appends" } else { "vote or append" };
        let Token::Word(word) = cursor.peek() else {
            return cursor.wrong(&format!("a kind of message, such as {example}"));
        };
        let names = Kind::ALL.iter().map(|kind| if many { kind.many } else { kind.one });
        let short = shorten(word);
        let mut ahead = cursor.clone();
        let other = Kind::ALL.iter().find(|kind| {
            let name = if many { kind.one } else { kind.many };
            !name.is_empty() && ahead.accept(name)
        });
        let named = |kind: &Kind| if many { kind.many } else { kind.one };
        if let Some(kind) = other.filter(|kind| named(kind).is_empty()) {
            let same =
                Kind::ALL.iter().find(|same| same.shape == kind.shape && !same.many.is_empty());
            let same = same.map_or("messages", |same| same.many);
            let one = kind.one;
            return cursor.fail(format!("A rule cannot tell a {one} from others: write {same}."));
        }
        let mend = match other.map(named).or_else(|| near(word, names)) {
            Some(name) => format!("did you mean \"{name}\"?"),
            None => {
                format!("write for instance {example}, or message{}.", if many { "s" } else { "" })
            }
        };
        cursor.fail(format!("\"{short}\" is no kind of message here: {mend}"))
    }
}
