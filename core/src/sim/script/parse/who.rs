//! Processes, groups of them, and kinds of messages.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Context;
use crate::id::{Gid, NodeId};
use crate::sim::script::Error;
use crate::sim::script::lex::{Cursor, Token, near, shorten};
use crate::sim::script::resolve::group_name;
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

/// Whether a word has the form of a server's or a group's name, in any cluster.
pub(super) fn is_process(word: &str) -> bool {
    let (group, server) = word.split_once('.').unwrap_or((word, "S1"));
    let is_group = group == "CTL" || number(group, "G").is_some();
    (is_group && number(server, "S").is_some()) || number(word, "S").is_some()
}

/// The number behind a prefix: `S3`.
pub(super) fn number(word: &str, prefix: &str) -> Option<u64> {
    let digits = word.strip_prefix(prefix)?;
    let plain = !digits.is_empty() && digits.len() <= 6 && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Context {
    /// A process.
    pub(super) fn who(&self, cursor: &mut Cursor<'_>, may: May) -> Result<Who, Error> {
        let place = cursor.clone();
        let who = self.who_all(cursor, may)?;
        if let Who::All(group) = who {
            let group = group_name(group);
            return Err(place.fail(format!(
                "One server is meant here, and {group} is a group of them: name one, such as \
                 {group}.S1 or the leader of {group}."
            )));
        }
        Ok(who)
    }

    /// A process or, among several, all of a group.
    fn who_all(&self, cursor: &mut Cursor<'_>, may: May) -> Result<Who, Error> {
        let place = cursor.clone();
        let who = self.any_who(cursor)?;
        let is_client = matches!(who, Who::Client(_) | Who::Operator);
        match (may, &who) {
            (May::Client, _) if !is_client => {
                Err(place.fail("A client is meant here: name one, such as Client 1."))
            }
            (May::Server | May::PickServer, _) if is_client => {
                let example = self.example();
                Err(place.fail(format!("A server is meant here: name one, such as {example}.")))
            }
            (May::Server | May::Any, Who::Follower(_) | Who::AnotherFollower(_)) => Err(place
                .fail(
                    "It is not clear which follower is meant: name it first, with \"let F be a \
                 follower\".",
                )),
            _ => Ok(who),
        }
    }

    fn any_who(&self, cursor: &mut Cursor<'_>) -> Result<Who, Error> {
        type Pick = fn(Option<Gid>) -> Who;
        for (words, who) in [
            ("the leader", Who::Leader as Pick),
            ("a follower", Who::Follower),
            ("another follower", Who::AnotherFollower),
        ] {
            let place = cursor.clone();
            if cursor.accept(words) {
                return self.whose(cursor, &place, words).map(who);
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
            let of = if self.scenario.sharding.is_some() { " of G1" } else { "" };
            let example = self.example();
            return Err(cursor.wrong(&format!("a server, such as {example} or the leader{of}")));
        };
        if let Some(name) = self.names.iter().find(|name| *name == word) {
            cursor.next();
            return Ok(Who::Named(name.clone()));
        }
        let named = word == "Operator" || (is_process(word) && number(word, "S").is_none());
        if self.scenario.sharding.is_some() || named {
            return self.in_groups(cursor, word);
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

    pub(super) fn nobody(&self, word: &str) -> String {
        let scenario = &self.scenario;
        let servers = scenario.server_ids().map(|id| scenario.name(id));
        let sharded = scenario.sharding.is_some();
        let groups = scenario.groups().filter(|_| sharded).map(group_name);
        let operator = scenario.operator().map(|id| scenario.name(id));
        let mut known = servers.chain(groups).chain(operator);
        let short = shorten(word);
        if let Some(name) = known.find(|name| name.eq_ignore_ascii_case(word)) {
            let who = if sharded { "servers and groups" } else { "servers" };
            return format!("\"{short}\" is nobody: {who} have a capital letter, {name}.");
        }
        if ["the", "a", "an", "another"].contains(&word) {
            return format!(
                "\"{short}\" is followed by nobody known: write the leader, a follower, another \
                 follower or the followers."
            );
        }
        let given = self.names.iter().map(String::as_str);
        match near(word, given.chain(sharded.then_some("Operator"))) {
            Some(name) => format!("\"{short}\" is nobody: did you mean {name}?"),
            None => {
                let of = if sharded { " of G1" } else { "" };
                let example = self.example();
                format!(
                    "\"{short}\" is nobody: write {example}, the leader{of}, Client 1, or a name \
                     given by let."
                )
            }
        }
    }

    /// Several processes: `S1, S2`, `all servers`.
    pub(super) fn group(&self, cursor: &mut Cursor<'_>, may: May) -> Result<Group, Error> {
        let place = cursor.clone();
        for (words, group) in [
            ("all servers", Group::Servers),
            ("the followers", Group::Followers(None)),
            ("all clients", Group::Clients),
        ] {
            if !cursor.accept(words) {
                continue;
            }
            let group = match group {
                Group::Followers(_) => Group::Followers(self.whose(cursor, &place, words)?),
                Group::Servers if cursor.accept("of") => {
                    Group::Each(Vec::from([Who::All(self.gid(cursor, true)?)]))
                }
                group => group,
            };
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
        let mut list = Vec::from([self.who_all(cursor, may)?]);
        while cursor.accept_mark(',') {
            list.push(self.who_all(cursor, may)?);
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
