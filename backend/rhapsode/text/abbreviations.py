"""What a full stop means after which word: abbreviations of many languages, by what follows them.

All in lower case, without their last stop. A word stands in one table only; words that are also
everyday words stand where they do the least harm.
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


BEFORE_NAME = _set(
    "mr mrs mx dr prof messrs mme mmes mlle herr dipl sra srta sres dra dña sig dott avv geom dhr "
    "mevr drs prof.ssa sig.ra sig.na dott.ssa κ κα κος δρ г-н г-жа акад проф им डॉ"
)
"""A name or a noun follows, always."""

BEFORE_NAME_IF_CAPITAL = _set(
    "ms hr hrn fr frl sr rev hon gen col maj capt cpt lt sgt cmdr adm gov sen rep pres supt insp "
    "amb atty brig cpl det dist st ste mt ft mons pvt univ dept mag ing int ext"
)
"""The same when written with a capital, as titles are: "Gen. Ward", but "in gen. He"."""

INSIDE = _set(
    "vs cf viz approx ca bzw ggf vgl bspw resp evtl sog inkl exkl zzgl geb gest mio mrd e.g i.e "
    "p.s n.b z.b d.h u.a o.ä s.o s.u p.ex p.ej d.w.z o.a m.in т.е t.ex bijv cfr ul tys mln mld "
    "godz тыс млн млрд ул пл просп пер см напр ред av boul faub n.º ggü π.χ δηλ λ.χ"
)
"""Something follows in the same sentence. All in capitals it is another word."""

BEFORE_NUMBER = _set(
    "no nos nr nro núm num n nn fig figs p pp pg pág págs pag pagg vol vols v ch chap cap sec "
    "sect art arts op par para bd bde abb kap s str с д г т гл табл σ σελ ημ str jan feb mar apr "
    "jun jul aug sep sept oct nov dec févr janv juil déc avr kl vers ver bl tab eq eqs ex lot "
    "flat apt"
)
"""Belongs to a figure that follows; without one it is a word like any other."""

SOMETIMES = _set(
    "inc ltd co corp bros llc plc gmbh jr sr esq al ave blvd rd sq ln hwy st ph.d m.d b.a m.a "
    "b.sc m.sc d.c u.s u.k u.n e.u u.s.a d.o ee uu ud uds vd vds"
)
"""The end when a word follows that begins sentences, and inside otherwise."""

SOMETIMES_IF_CAPITAL = _set(
    "calif fla mass conn tenn ariz colo ore wash mich minn wis okla ala ark ga ill ind kan ky la "
    "md mo neb nev pa va vt wyo tex"
)
"""The same for places that are everyday words without their capital."""

PERHAPS = _set(
    "min max avg abs est temp diam tel fax misc incl excl cont ecc usw usf etc enz itd itp vol ed "
    "eds trans ibid op cit seq"
)
"""The end unless a word in lower case follows."""

STREET = "str"
"""German streets are one word with their name: "Gartenstr. 12"."""

TIMES_OF_DAY = _set("am pm a.m p.m")
AFTER_TIME_OF_DAY = _set(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri "
    "sat sun est edt cst cdt mst mdt pst pdt gmt utc cet cest bst eastern central pacific"
)
"""What may follow "8 a.m." in the same sentence although it has a capital."""

BEFORE_SINGLE_LETTER = _set(
    "vitamin plan type grade class group section option hepatitis appendix point exhibit part "
    "plans drive and or typ klasse gruppe teil und oder et ou y o e"
)
"""After these a single capital is no initial of a name: "It was plan B. Then ..."."""

GERMAN_BEFORE_ORDINAL = _set(
    "am im vom zum beim der dem den des das jeder jeden seit bis ab zur einem ihrem seinem"
)
"""Before "3." these say that it is a third, not three: "im 19. Jahrhundert"."""

STARTERS = _set(
    # English
    "the a an he she it they we you i this that these those there then but and so or if when "
    "while after before as at in on for from with by to not no yes what who where why how his her "
    "its their our my your one some many most all both each every however meanwhile still now "
    "later soon suddenly finally perhaps maybe although though because since until once nobody "
    "nothing everyone everybody everything someone somebody something let let's here only even "
    "just never nor yet during "
    # German
    "der die das er sie es ich wir ihr und aber dann als wenn ein eine doch nun da dort so was "
    "wer wie warum nach vor heute "
    # French, Spanish, Italian, Portuguese
    "le la les il elle on nous vous ils elles je ce cette ces et mais un une puis dans el los las "
    "ella yo una y pero en entonces lo gli io lui lei ma poi o os as ele ela eu e mas um uma "
    # Dutch, Polish, Russian
    "de het een hij zij en maar toen to ten ta on ona ono i ale он она оно они я мы вы но и это "
    "в на"
)
"""Words that begin many sentences and no names."""
