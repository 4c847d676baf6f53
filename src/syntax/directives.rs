//! Comments that speak to leaklint.
//!
//! Collecting comments makes parsing slower, so it is done only where the bytes hold the marker at all. What the
//! comments mean is for `suppress` to say.

use swc_common::comments::SingleThreadedComments;

use crate::finding::Span;

/// What a comment must contain to be kept.
pub const MARKER: &str = "leaklint-";

/// A comment that contains [`MARKER`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Comment {
    /// The whole comment in the file, with its delimiters.
    pub span: Span,
    /// The text between the delimiters, as written.
    pub text: String,
}

/// A place to collect the comments of a script in, if any of them can matter.
pub(super) fn collector(text: &str) -> Option<SingleThreadedComments> {
    text.contains(MARKER).then(SingleThreadedComments::default)
}

/// The comments of a parsed script that hold the marker.
pub(super) fn take(comments: SingleThreadedComments, into: &mut Vec<Comment>) {
    let (leading, trailing) = comments.take_all();
    for map in [leading, trailing] {
        for comment in map.borrow().values().flatten() {
            if comment.text.contains(MARKER) {
                into.push(Comment {
                    span: super::file_span(comment.span),
                    text: comment.text.to_string(),
                });
            }
        }
    }
}

/// In the order of the file, each once: the parser files a comment under the token before and the one after it.
pub(super) fn sort(comments: &mut Vec<Comment>) {
    comments.sort_unstable();
    comments.dedup();
}
