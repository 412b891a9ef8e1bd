//! Commands and replies in words: `move shard 5 to group 2`.

use core::fmt;

use super::{Command, Config, Reply};
use crate::id::Gid;

/// In words: `join group 1 with 3 servers, group 2 with 3 servers`.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Join(groups) => {
                f.write_str("join ")?;
                list(f, groups, |f, (gid, servers)| {
                    let (count, s) = (servers.len(), if servers.len() == 1 { "" } else { "s" });
                    write!(f, "group {gid} with {count} server{s}")
                })
            }
            Self::Leave(gids) => {
                f.write_str("leave ")?;
                list(f, gids, |f, gid| write!(f, "group {gid}"))
            }
            Self::Move { shard, to } => write!(f, "move shard {shard} to group {to}"),
            Self::Query(None) => f.write_str("query the latest configuration"),
            Self::Query(Some(number)) => write!(f, "query configuration {number}"),
        }
    }
}

/// In words: `ok, configuration 3`.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(config) => config.fmt(f),
            Self::Changed(number) => write!(f, "ok, configuration {number}"),
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
        }
    }
}

/// In words, with the owner of each shard: `configuration 3: 1 1 2 2`. A dash stands for nobody.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "configuration {}:", self.number)?;
        self.shards.iter().try_for_each(|owner| match owner {
            Gid(0) => f.write_str(" -"),
            owner => write!(f, " {owner}"),
        })
    }
}

fn list<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    mut write: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    if items.is_empty() {
        return f.write_str("nobody");
    }
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        write(f, item)?;
    }
    Ok(())
}
