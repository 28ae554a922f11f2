//! The printed names of enumerations; serde writes the same ones.

/// Gives an enumeration without data its names: `as_str`, `Display`, and the list of all.
macro_rules! names {
    ($type:ty, $($variant:ident = $name:literal),+ $(,)?) => {
        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The printed name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(super) use names;

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use crate::metric::{Bucket, ClockKind, Note, Policy, Reason, Unit};

    fn agree<T: Serialize + Copy>(all: &[T], name: impl Fn(T) -> &'static str) {
        for one in all {
            assert_eq!(serde_json::to_value(one).unwrap(), name(*one));
        }
    }

    #[test]
    fn printed_names_are_the_serialized_ones() {
        agree(Bucket::ALL, Bucket::as_str);
        agree(Policy::ALL, Policy::as_str);
        agree(ClockKind::ALL, ClockKind::as_str);
        agree(Unit::ALL, Unit::as_str);
        agree(Reason::ALL, Reason::as_str);
        agree(Note::ALL, Note::as_str);
    }
}
