//! What is said of each invariant.

use super::Law;

/// What is said of a law.
pub(super) struct Words {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    /// What was seen when it was broken, in one sentence: this, a number, that, another number.
    pub(super) seen: [&'static str; 2],
}

const fn words(
    id: &'static str,
    name: &'static str,
    meaning: &'static str,
    seen: [&'static str; 2],
) -> Words {
    Words { id, name, meaning, seen }
}

/// By the law's number.
pub(super) static WORDS: [Words; Law::ALL.len()] = [
    words(
        "RI-1",
        "election safety",
        "At most one leader is elected in a term (§5.2).",
        ["was elected in term ", "as was S"],
    ),
    words(
        "RI-2",
        "one vote per term",
        "A server votes for at most one candidate in a term, even if it restarts (§5.2).",
        ["voted for another in term ", "after it had voted for S"],
    ),
    words(
        "RI-3",
        "leader append-only",
        "A leader never overwrites or deletes entries of its log (§5.3).",
        ["leads term ", "and overwrote its own log from slot "],
    ),
    words(
        "RI-4",
        "log matching",
        "Two logs with the same term in a slot agree in everything up to it (§5.3).",
        ["shares an entry of term ", "but not all up to its slot "],
    ),
    words(
        "RI-5",
        "leader completeness",
        "A new leader's log has every entry committed in an earlier term (§5.4).",
        ["leads term ", "without the entry committed in slot "],
    ),
    words(
        "RI-6",
        "state machine safety",
        "No two servers apply different entries in a slot (§5.4.3).",
        ["applied another entry in slot ", "or before its turn, after slot "],
    ),
    words(
        "RI-7",
        "committed is durable",
        "Every committed entry is on the disks of a majority, from then on (§5.4).",
        ["committed slot ", "with all of it on too few disks: "],
    ),
    words(
        "RI-8",
        "committed stays",
        "What a server knows to be committed, it never takes back (§5.3).",
        ["went back to slot ", "after it had committed slot "],
    ),
    words(
        "RI-9",
        "terms rise",
        "A server's term and vote never go back, even if it restarts (§5.1).",
        ["went back to term ", "or voted again, after term "],
    ),
    words(
        "RI-10",
        "durable first",
        "No message leaves before what it promises is on the disk (Figure 2).",
        ["promised term or slot ", "but its disk had only "],
    ),
    words(
        "RI-11",
        "indices in order",
        "Compacted ≤ snapshot ≤ applied ≤ committed ≤ last; slots are applied in order (§5.3).",
        ["applied slot ", "out of order with slot "],
    ),
    words(
        "RI-12",
        "match index",
        "A leader counts only what a follower's disk has, and never less than before (§5.3).",
        ["counts slot ", "which is not so on S"],
    ),
    words(
        "RI-13",
        "log terms",
        "Terms never fall along a log, nor rise above the server's own (§5.3).",
        ["wrote an entry of term ", "after or beyond term "],
    ),
    words(
        "RI-14",
        "own-term commit",
        "A leader counts copies only for entries of its own term (§5.4.2).",
        ["committed slot ", "not of the term that it leads: "],
    ),
    words(
        "RI-15",
        "fresh reads",
        "A read reflects all that was committed before it was called (§8).",
        ["answered a read from slot ", "though called after slot "],
    ),
    words(
        "RI-20",
        "true snapshots",
        "A snapshot ends in a committed entry, and installing one never goes back (§7).",
        ["has a snapshot that ends in slot ", "against what was committed or applied: "],
    ),
    words(
        "RI-21",
        "equal replicas",
        "Servers that applied the same gave the same replies and hold the same (§2).",
        ["replied or holds something else after slot ", "committed up to "],
    ),
    words(
        "RI-22",
        "honest answers",
        "An answer is that of the client's own request, committed and durable (§8).",
        ["got an answer to call ", "not its own or not durable, after call "],
    ),
    words(
        "CI-1",
        "numbered configurations",
        "Configurations are numbered without a gap and never change.",
        ["made configuration ", "out of turn or over another, after "],
    ),
    words(
        "CI-2",
        "owners exist",
        "Every shard belongs to a group that is there, or none does and no group is there.",
        ["made configuration ", "in which an owner is missing, for shard "],
    ),
    words(
        "CI-3",
        "even shares",
        "After a join or leave no group has two shards more than another.",
        ["made configuration ", "with shares that differ by "],
    ),
    words(
        "CI-4",
        "fewest moves",
        "A join or leave moves no more shards than it must.",
        ["made configuration ", "with more moves than needed: "],
    ),
    words(
        "CI-5",
        "one move",
        "A move changes the owner of one shard.",
        ["made configuration ", "by a move that changed so many shards: "],
    ),
    words(
        "CI-6",
        "equal configurations",
        "All servers of the controller make the same configurations.",
        ["made another configuration ", "than was made first, after "],
    ),
    words(
        "CI-7",
        "true queries",
        "A query gives the configuration of its number, or the latest there was.",
        ["was given configuration ", "though called after configuration "],
    ),
    words(
        "CI-8",
        "groups may return",
        "A group that left may join again with the same servers.",
        ["refused the return of group ", "though it had left before configuration "],
    ),
    words(
        "CI-9",
        "no swaps",
        "A join or leave never exchanges shards between two groups.",
        ["made configuration ", "by an exchange of shard "],
    ),
    words(
        "KI-1",
        "exclusive service",
        "At most one group executes calls on a shard at any moment.",
        ["executed a call without owning shard ", "in configuration "],
    ),
    words(
        "KI-2",
        "one by one",
        "A group takes each configuration in turn, when nothing is under way.",
        ["went on to configuration ", "too early, from "],
    ),
    words(
        "KI-3",
        "data first",
        "A group serves a shard only when all of it has arrived.",
        ["served shard ", "without all its data, in configuration "],
    ),
    words(
        "KI-4",
        "nothing lost or doubled",
        "What was executed on a shard is in it once, whoever holds it.",
        ["gave a reply that does not follow for shard ", "in configuration "],
    ),
    words(
        "KI-5",
        "sessions travel",
        "A shard is handed over with what is remembered of its clients.",
        ["got without all its sessions shard ", "in configuration "],
    ),
    words(
        "KI-6",
        "delete last",
        "A copy is deleted only when the new owner has the shard, under the same number.",
        ["deleted too early its copy of shard ", "given away in configuration "],
    ),
    words(
        "KI-7",
        "install once",
        "A shard that arrives again changes nothing.",
        ["let a repeat change shard ", "in configuration "],
    ),
    words(
        "KI-8",
        "one copy",
        "When all is quiet, each shard is stored in one group.",
        ["does not hold what it should of shard ", "in configuration "],
    ),
    words(
        "KI-9",
        "others go on",
        "A group never refuses a call on a shard that it serves.",
        ["refused a call on its own shard ", "in configuration "],
    ),
    words(
        "KI-10",
        "refusals pass",
        "A call refused by the wrong group is executed by the right one.",
        ["refused again a call on its own shard ", "in configuration "],
    ),
    words(
        "KI-11",
        "same call",
        "A retry is the same call, wherever the shard has gone.",
        ["executed what its client had not called under number ", "having come to number "],
    ),
    words(
        "KI-12",
        "no mutual wait",
        "A group hands over at once, whatever it still waits for.",
        ["leads and does not hand over shard ", "in configuration "],
    ),
    words(
        "W-1",
        "time goes on",
        "No process asks to be woken in the past: time goes on.",
        ["asked for the past in step ", "before microsecond "],
    ),
];
