//! Shards in pieces.

use alloc::format;

use super::super::{Piece, split};
use crate::id::{ClientId, Serial};
use crate::kv::Kv;
use crate::machine::{Call, Machine, Sessions, encoded_len};
use crate::rng::Rng;

fn drawn(lane: &mut Rng) -> Sessions<Kv> {
    let mut data = Sessions::around(Kv::default(), 1 + lane.below(8) as u32);
    for n in 0..lane.below(60) {
        let value = "x".repeat(lane.below(200) as usize);
        let command = format!("append k{} {value}y", lane.below(20)).parse().unwrap();
        let client = ClientId(1 + n / 20 + lane.below(8));
        data.apply(&Call { client, serial: Serial(n + 1), command });
    }
    data
}

#[test]
fn what_is_put_together_from_pieces_is_what_was_taken_apart() {
    let mut lane = Rng::keyed(&[1]);
    for round in 0..300 {
        let data = drawn(&mut lane);
        let limit = [None, Some(0), Some(1), Some(100), Some(1_000)][round % 5];
        let pieces = split(&data, limit);
        let mut copy = Sessions::around(Kv::default(), 99);
        pieces.iter().for_each(|piece| piece.pour(&mut copy, true));
        assert!(copy.machine().iter().eq(data.machine().iter()));
        assert_eq!((copy.table(), copy.frame()), (data.table(), data.frame()));
        assert_eq!((copy.bytes(), encoded_len(&copy)), (data.bytes(), data.bytes()));
        assert_eq!(split(&copy, limit), pieces, "every leader makes the same split");
    }
}

#[test]
fn no_piece_is_larger_than_half_the_limit_unless_it_is_one_thing() {
    let mut lane = Rng::keyed(&[2]);
    let (mut full, mut lone) = (0, 0);
    for _ in 0..300 {
        let (data, limit) = (drawn(&mut lane), lane.below(1_500));
        let pieces = split(&data, Some(limit));
        for piece in &pieces {
            let things = piece.cells.len() + piece.sessions.len();
            let small = encoded_len(&**piece) <= limit / 2;
            let frame = usize::from(piece.frame.is_some());
            assert!(small || things + frame <= 1, "{limit}: {piece:?}");
            (full, lone) = (full + u32::from(small && things > 1), lone + u32::from(!small));
        }
        // Nor are there more than there must be: two that follow each other would not fit together.
        for pair in pieces.windows(2) {
            let both = encoded_len(&*pair[0]) + encoded_len(&*pair[1]);
            assert!(both + 4 > limit / 2, "{limit}: {pair:?}");
        }
    }
    assert!(full > 100 && lone > 100, "{full} {lone}");
}

#[test]
fn an_empty_shard_is_one_piece() {
    let data = Sessions::around(Kv::default(), 3);
    let pieces = split(&data, Some(0));
    assert_eq!(pieces.len(), 1);
    let frame = Some(data.frame());
    assert_eq!(*pieces[0], Piece { frame, ..Piece::default() });
}
