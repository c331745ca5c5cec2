//! A row of a table: a name, a value, and a note.

use leptos::either::Either;
use leptos::prelude::*;

/// The mark of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// No mark.
    #[default]
    None,
    /// The value is good.
    Good,
    /// The value is bad.
    Bad,
}

impl Mark {
    fn class(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }
}

/// A row.
#[component]
pub fn Row(
    /// The name.
    #[prop(into)]
    name: String,
    /// The value.
    #[prop(into)]
    value: String,
    /// The mark of the value.
    #[prop(optional)]
    mark: Mark,
    /// What the value means.
    #[prop(into, optional)]
    note: String,
    /// The content after the value.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    // Two text nodes, as in `Hero`: the value moves to make room for its mark.
    let value = match mark {
        Mark::None => Either::Left(value),
        Mark::Good | Mark::Bad => Either::Right(value),
    };
    view! {
        <tr class=mark.class()>
            <th scope="row">{name}</th>
            <td>
                <span>{value}</span>
                <small>{note}</small>
                {children.map(|children| children())}
            </td>
        </tr>
    }
    .into_any()
}
