//! `raft` 0.7 with the memory storage that comes with it, and with appends in batches.

use raft::eraftpb::{Entry as LogEntry, Message};
use raft::storage::MemStorage;
use raft::{Config, RawNode};
use slog::{Discard, Logger, o};

use crate::{Applied, Entry, Member, Notice, Post};

/// One server.
pub struct RaftRs {
    node: RawNode<MemStorage>,
    notice: Notice,
    applied: Applied,
}

impl Member for RaftRs {
    type Message = Message;

    fn group(servers: usize, notice: Notice) -> Option<Vec<Self>> {
        let voters: Vec<u64> = (1..=servers as u64).collect();
        let server = |id: &u64| {
            let config = Config {
                id: *id,
                batch_append: true,
                max_size_per_msg: 1 << 20,
                pre_vote: true,
                check_quorum: true,
                skip_bcast_commit: notice == Notice::WithNext,
                ..Config::default()
            };
            let storage = MemStorage::new_with_conf_state((voters.clone(), Vec::new()));
            let node = RawNode::new(&config, storage, &Logger::root(Discard, o!()));
            let node = node.expect("the settings are valid");
            Self { node, notice, applied: Applied::default() }
        };
        Some(voters.iter().map(server).collect())
    }

    fn campaign(&mut self) {
        self.node.campaign().expect("it may stand");
    }

    fn propose(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.node.propose(Vec::new(), entry.to_vec()).expect("it leads");
        }
    }

    fn receive(&mut self, _: usize, message: Message) {
        self.node.step(message).expect("it is of the group");
    }

    fn work(&mut self, post: &mut Post<Message>) {
        while self.node.has_ready() {
            let mut ready = self.node.ready();
            send(ready.take_messages(), post);
            apply(&mut self.applied, &ready.take_committed_entries());
            if !ready.entries().is_empty() {
                self.node.mut_store().wl().append(ready.entries()).expect("they follow the log");
            }
            if let Some(hard) = ready.hs() {
                self.node.mut_store().wl().set_hardstate(hard.clone());
            }
            send(ready.take_persisted_messages(), post);
            let mut light = self.node.advance(ready);
            if let Some(commit) = light.commit_index() {
                self.node.mut_store().wl().mut_hard_state().commit = commit;
            }
            send(light.take_messages(), post);
            apply(&mut self.applied, &light.take_committed_entries());
            self.node.advance_apply();
        }
    }

    fn notify(&mut self, last: bool) {
        if last && self.notice == Notice::WithNext {
            self.node.ping();
        }
    }

    fn applied(&self) -> Applied {
        self.applied
    }
}

fn send(messages: Vec<Message>, post: &mut Post<Message>) {
    for message in messages {
        post.send(message.to as usize - 1, message);
    }
}

fn apply(applied: &mut Applied, entries: &[LogEntry]) {
    for entry in entries {
        // A new leader's first entry is empty.
        if let Ok(entry) = entry.data.as_ref().try_into() {
            applied.apply(entry);
        }
    }
}
