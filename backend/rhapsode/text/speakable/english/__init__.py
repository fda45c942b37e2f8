"""English: figures, units, abbreviations and addresses in the words that a reader would say."""

from rhapsode.text.speakable.english.abbreviations import ABBREVIATIONS
from rhapsode.text.speakable.english.addresses import ADDRESSES
from rhapsode.text.speakable.english.figures import FIGURES
from rhapsode.text.speakable.english.names import ROMANS

ENGLISH = (*ADDRESSES, *ABBREVIATIONS, *ROMANS, *FIGURES)
"""From plain text to words."""
