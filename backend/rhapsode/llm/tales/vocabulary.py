"""The words by which the storyteller understands a prompt."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHE_NAMES = (
    "Mara", "Ilse", "Nora", "Adele", "Tamsin", "Ottilie", "Junia", "Petra", "Sunniva", "Imogen",
    "Leda", "Rosalind", "Hana", "Beatrix", "Kirsten", "Delphine",
)  # fmt: skip
HE_NAMES = (
    "Tobias", "Anselm", "Corin", "Edmund", "Jonah", "Lucian", "Matthis", "Rafe", "Silas", "Bram",
    "Ivo", "Emeric", "Teodor", "Felix", "Gideon", "Osric",
)  # fmt: skip

WOMENS_NAMES = _words(
    "alice jane mary kate elizabeth grace claire lucy emily rose ruth margaret helen ellen lily "
    "zoe chloe marie anne ann susan karen iris ingrid eleanor harriet charlotte agnes nell joan "
    "beth amy molly daisy violet hazel ivy june may eve pearl astrid judith miriam"
)
WOMENS_ENDINGS = ("a", "ah", "elle", "ine", "ette", "lyn", "issy")
MENS_NAMES = _words("luca noah joshua elijah ezra isaiah jeremiah nikita sasha micah")

DOORS = _words("door gate hatch portal doorway trapdoor entrance passage")
PAPERS = _words(
    "letter map book note diary journal photograph photo manuscript scroll message postcard "
    "telegram will notebook page"
)
CREATURES = _words(
    "dragon cat wolf ghost dog fox bear monster beast creature spirit android robot horse owl "
    "raven snake spider unicorn phoenix demon vampire werewolf alien whale troll giant fairy "
    "elf goblin kraken lion tiger bird crow mouse rabbit"
)
PEOPLE = _words(
    "man woman girl boy child king queen prince princess wizard witch knight thief pilot captain "
    "mother father sister brother son daughter wife husband friend stranger nurse priest monk spy "
    "cook butler maid judge guard sheriff cowboy astronaut orphan widow aunt uncle cousin twin "
    "heir clerk chef poet artist student child nun pirate outlaw person kid lady lord duke duchess "
    "emperor empress hero heroine apprentice soldier smith blacksmith detective scientist"
)
NOT_PEOPLE = _words(
    "letter tower river water paper winter summer flower number computer corner thunder fever "
    "ladder border danger power order silver feather weather cover answer matter wonder disaster "
    "chapter theater theatre center dinner supper amber timber cellar altar pillar collar dollar "
    "door floor mirror motor harbor color terror horror armor meteor tremor elevator error humor "
    "finger shoulder whisper laughter slaughter counter bunker crater helicopter starter poster "
    "roster register container powder murder leather copper spider monster tiger other another "
    "never ever under over after together mystery"
)
SHE_WORDS = _words(
    "woman girl queen princess witch mother sister daughter wife widow aunt lady duchess empress "
    "heroine nun maid she her hers herself"
)
HE_WORDS = _words(
    "man boy king prince wizard father brother son husband uncle lord duke emperor monk cowboy "
    "butler he him his himself"
)
TITLES = _words(
    "detective captain doctor dr mr mrs ms miss sir lady lord king queen prince princess professor "
    "inspector sergeant father mother sister brother aunt uncle agent officer nurse judge"
)

OWNERS = _words("her his their my our your its")
DETERMINERS = OWNERS | _words("a an the some another two three this that one each every")
PLACE_PREPOSITIONS = _words("in on at")
PREPOSITIONS = _words(
    "in at on from inside under to near behind into onto beneath over through across with without "
    "for by of about against between beside after before during beyond around above below within "
    "outside toward towards upon along past until since like as than off out up down"
)
VERBS = _words(
    "find finds found meet meets met see sees saw go goes went come comes came hear hears heard "
    "tell tells told leave leaves left take takes took lose loses lost keep keeps kept open opens "
    "discover discovers attack attacks steal steals stole fight fights fought win wins won hide "
    "hides hid run runs ran fall falls fell learn learns know knows knew make makes made give "
    "gives gave get gets got begin begins began return returns visit visits enter enters build "
    "builds built buy buys bought write writes wrote read reads sing sings sang speak speaks spoke "
    "say says said ask asks turn turns call calls appear appears vanish vanishes wake wakes woke "
    "die dies bring brings brought break breaks broke confess confesses argue argues escape "
    "escapes become becomes became is are was were be been has have had does do did can could will "
    "would should must may might wants want let lets put puts must needs need tries try falls love "
    "loves hates hate decides decide receives receive inherits inherit investigates investigate "
    "interrogates waits wait walks walk talks talk arrives arrive stands sits lies burns knocks "
    "stood sat lay held hung shone rose grew slept drew threw felt sent spent meant taught swung "
    "struck blew flew drove rode shook waited seemed looked asked turned closed opened "
    "continue describe write add show include introduce happens happen"
)
FUNCTION_WORDS = (
    DETERMINERS
    | PREPOSITIONS
    | VERBS
    | _words(
        "and or but so then when where while who whom whose which what why how if because though "
        "although not no nor only just very too more most much many few all any both either "
        "neither i me you he him she it we us they them himself herself itself themselves there "
        "here now suddenly finally again still already soon later next first last always never "
        "ever please something someone somebody everyone everything nothing nobody anything "
        "anyone scene scenes story chapter paragraph dialogue words write continue tell make let "
        "yes well oh perhaps maybe also even else yet once today tomorrow yesterday tonight "
        "morning evening afternoon night day days week year time nobody none those these such "
        "same own other others behind long far"
    )
)

PLACE_WORDS_TO_SKIP = _words("way side end top bottom middle front back rest edge")
