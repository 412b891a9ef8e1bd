//! What a caller may ask for.

use std::path::PathBuf;

use clap::{ArgGroup, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use shardscope_core::history::format::Format;

/// Runs, sweeps, histories and tables of a simulated replicated store.
///
/// Exit codes: 0 it holds, 1 something is violated, 2 the arguments or a file make no sense, 3 it
/// is not known.
#[derive(Clone, Debug, Parser)]
#[command(name = "shardscope", version, propagate_version = true)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print one JSON object on the standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Where the page is, for links to it.
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:8080/")]
    pub(crate) page: String,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Play a script and print its trace.
    Run(Run),
    /// Make a run again, from a link or a script, and say what became of it.
    Replay {
        /// A link to the page, or the file of a script.
        source: String,
    },
    /// Draw many runs from seeds, with faults, and judge them all.
    Sweep(Sweep),
    /// Add up the files of sweeps that shared the work.
    Merge {
        /// Their files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print how often each kind of fault happened, and how many runs met each state.
        #[arg(long)]
        reached: bool,
    },
    /// Judge a recorded history.
    Check(Check),
    /// Write a run's history, or its script, on the standard output.
    Export(Export),
    /// Play the field's tables: what courses demand of Raft and of stores upon it.
    Conform(Conform),
    /// Show the catalogue of decisions taken wrongly.
    Mutants(Mutants),
    /// Print what makes a shell complete these commands.
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Run {
    /// The script's file; `-` reads the standard input.
    pub(crate) script: PathBuf,
    /// Print the verdict only.
    #[arg(long)]
    pub(crate) verdict: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Sweep {
    /// The first seed, and the one behind the last: `0..1000`.
    #[arg(long, value_name = "A..B", value_parser = seeds)]
    pub(crate) seeds: Seeds,
    /// What is drawn.
    #[arg(long, value_enum, default_value_t = Profile::Raft)]
    pub(crate) profile: Profile,
    /// Runs at a time; as many as there are cores, unless it is given. No result depends on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Only every Nth seed, from the Ith on, counted from 0: a share of the work.
    #[arg(long, value_name = "I/N", value_parser = share, default_value = "0/1")]
    pub(crate) shard: Share,
    /// Take a decision wrongly, by its number in `mutants`.
    #[arg(long, value_name = "ID", value_parser = mutant)]
    pub(crate) mutant: Option<Mutant>,
    /// Keep each result as a JSON line here.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with a file that was begun.
    #[arg(long, requires = "out")]
    pub(crate) resume: bool,
    /// Where the scripts of failed runs go.
    #[arg(long, value_name = "FOLDER", default_value = "shardscope-failures")]
    pub(crate) failures: PathBuf,
    /// So many failed runs are made smaller and told as scripts.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) shrink: usize,
    /// Print how often each kind of fault happened, and how many runs met each state.
    #[arg(long)]
    pub(crate) reached: bool,
}

/// What a sweep draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// A group of three to seven servers, with every fault.
    Raft,
    /// The same, with every operation on eight keys, small snapshots, and six consistency models.
    Kv,
    /// A sharded store: a controller, groups that join and leave, shards that move.
    Shard,
}

impl Profile {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Raft => "raft",
            Self::Kv => "kv",
            Self::Shard => "shard",
        }
    }
}

/// Seeds from the first up to the one behind the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seeds {
    pub(crate) first: u64,
    pub(crate) end: u64,
}

/// A share of the seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) index: u64,
    pub(crate) of: u64,
}

/// A decision taken wrongly, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mutant(pub(crate) shardscope_core::id::MutantId);

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Check {
    /// The history's file; `-` reads the standard input.
    pub(crate) history: PathBuf,
    /// Under which model.
    #[arg(long, value_enum, default_value_t = Asked::Linearizable)]
    pub(crate) model: Asked,
    /// The file's format: json, edn or jepsen. It is guessed, unless it is given.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Steps of each search. Beyond, it is not known.
    #[arg(long, value_name = "STEPS", default_value_t = 4_000_000)]
    pub(crate) budget: u64,
}

/// Which models are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Asked {
    /// One order that keeps real time.
    Linearizable,
    /// One order that keeps each process's own.
    Sequential,
    /// The four session guarantees.
    Session,
    /// All six.
    All,
}

#[derive(Clone, Debug, clap::Args)]
#[command(group(ArgGroup::new("what").required(true).args(["source", "seed"])))]
pub(crate) struct Export {
    /// A link to the page, or the file of a script or of a history.
    pub(crate) source: Option<String>,
    /// A run of the swarm, by its seed.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// What the seed draws.
    #[arg(long, value_enum, requires = "seed", conflicts_with = "source")]
    pub(crate) profile: Option<Profile>,
    /// As what.
    #[arg(long, value_enum, default_value_t = Form::Json)]
    pub(crate) format: Form,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// The history as JSON lines.
    Json,
    /// The history as Jepsen's EDN maps.
    Edn,
    /// The run as a script.
    Script,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Conform {
    /// Only rows whose name has this in it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Seeds of each row.
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) seeds: u64,
    /// Print the names of the rows, and play none.
    #[arg(long, conflicts_with = "seeds")]
    pub(crate) list: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Mutants {
    /// One of them, by its number.
    #[arg(value_parser = mutant)]
    pub(crate) id: Option<Mutant>,
}

fn seeds(text: &str) -> Result<Seeds, String> {
    let read = |number: &str| number.parse::<u64>().ok();
    let ends = text.split_once("..").and_then(|(a, b)| Some((read(a)?, read(b)?)));
    let Some((first, end)) = ends else {
        return Err("write two whole numbers, as in 0..1000".into());
    };
    if first >= end {
        return Err(format!("there is no seed from {first} up to {end}: the second is larger"));
    }
    Ok(Seeds { first, end })
}

fn share(text: &str) -> Result<Share, String> {
    let read = |number: &str| number.parse::<u64>().ok();
    let parts = text.split_once('/').and_then(|(i, n)| Some((read(i)?, read(n)?)));
    let Some((index, of)) = parts else {
        return Err("write the share and how many there are, as in 0/4".into());
    };
    if index >= of {
        return Err(format!("of {of} shares, counted from 0, there is none with number {index}"));
    }
    Ok(Share { index, of })
}

fn mutant(text: &str) -> Result<Mutant, String> {
    let is_it = |mutant: &&shardscope_core::mutant::Mutant| {
        mutant.id.to_string().eq_ignore_ascii_case(text)
    };
    let found = shardscope_core::mutant::ALL.iter().find(is_it);
    let found = found.ok_or("there is none of this number: `shardscope mutants` lists them all")?;
    Ok(Mutant(found.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_description_of_the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn seeds_and_shares_are_read() {
        assert_eq!(seeds("3..7"), Ok(Seeds { first: 3, end: 7 }));
        assert_eq!(share("1/4"), Ok(Share { index: 1, of: 4 }));
        for wrong in ["", "7", "3..3", "7..3", "a..b", "-1..3", "1...3", "0..18446744073709551616"]
        {
            assert!(seeds(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "1", "4/4", "0/0", "1/x", "-1/2"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }
}
