"""What people type into a box that translates German: 91 lines written before the code that mends them, 60 after."""

from pathlib import Path

KNOWN = frozenset(Path(__file__).with_name("words_known.txt").read_text(encoding="utf-8").split())

# typed | what comes of it: sentences, words apart; "? word = did you mean"; "! a part of the answer"
TABLE = """
hund schläft                            | Hund schläft .
Der hund schlaeft                       | der Hund schläft .
der Hund schlaft                        | der Hund schläft .
DER HUND SCHLÄFT                        | der Hund schläft .
DU bist muede                           | du bist müde .
ICH LIEBE DICH!!!                       | ich liebe dich !
wo ist der hund                         | wo ist der Hund ?
Wo ist der Hund???                      | wo ist der Hund ?
Wo ist der Hund ?                       | wo ist der Hund ?
wo ist die strasse                      | wo ist die Straße ?
WO IST DIE STRASSE                      | wo ist die Straße ?
Das Haus ist gross                      | das Haus ist groß .
der kaffee ist heiss.                   | der Kaffee ist heiß .
Die Katze schläft. Der Hund schläft.    | die Katze schläft . / der Hund schläft .
Die Katze schläft.Er ist müde           | die Katze schläft . / er ist müde .
Die Katze schläft. Wo ist der Hund      | die Katze schläft . / wo ist der Hund ?
Der Hund frisst nicht                   | ? frisst = isst
Hallo                                   | hallo .
hallo! wie geht es dir                  | hallo ! / wie geht es dir ?
Wie geht's?                             | wie geht es ?
wie gehts                               | wie geht es ?
Guten morgen                            | guten Morgen .
Der Hund schläft am morgen              | der Hund schläft am Morgen .
guten tag, wo ist der bahnhof           | guten Tag , wo ist der Bahnhof ?
ich glaube dass der Hund schläft        | ich glaube , dass der Hund schläft .
Ich weiß nicht ob er kommt              | ich weiß nicht , ob er kommt .
Ich arbeite nicht weil ich müde bin     | ich arbeite nicht , weil ich müde bin .
Wenn es regnet schläft die Katze        | wenn es regnet , schläft die Katze .
Der Hund schläft aber die Katze isst    | der Hund schläft , aber die Katze isst .
Ich sehe den Hund der schläft           | ich sehe den Hund , der schläft .
Ich liebe aber den Hund                 | ich liebe aber den Hund .
„Der Hund schläft“                      | der Hund schläft .
»Ich bin müde.«                         | ich bin müde .
Ich bin müde,                           | ich bin müde .
kannst du mir helfen                    | kannst du mir helfen ?
schläfst du                             | schläfst du ?
Ist der Hund müde                       | ist der Hund müde ?
komm                                    | komm !
gib mir das Buch                        | gib mir das Buch !
bitte hilf mir                          | bitte hilf mir !
Mach die Tuer zu                        | mach die Tür zu !
???                                     | ! no word
-- ,                                    | ! no word
Собака спит                             | ! Cyrillic
狗在睡觉                                | ! CJK
ο σκύλος κοιμάται                       | ! Greek
The dog is sleeping.                    | ! English
dog                                     | ? dog = Hund
Der Hamster schläft                     | ? Hamster =
Der Hnud schläft                        | ? Hnud = Hund
Die Kazte schläft                       | ? Kazte = Katze
Ich libe dich                           | ? libe = liebe
Das Mädchn liest                        | ? Mädchn = Mädchen
Ich trinke Kafee                        | ? Kafee = Kaffee
Der Hund un die Katze                   | ? un = und
asdfghjkl                               | ? asdfghjkl =
12345                                   | ? 12345 =
Das Madchen liest ein buch              | das Mädchen liest ein Buch .
Ich hoffe, daß du kommst                | ich hoffe , dass du kommst .
Ich muß arbeiten                        | ich muss arbeiten .
Ich hab einen Hund                      | ich habe einen Hund .
was ist das                             | was ist das ?
wer bist du?!                           | wer bist du ?
Ich habe 2 Hunde                        | ich habe zwei Hunde .
Der Hund schläft...                     | der Hund schläft .
Der Hund schläft…                       | der Hund schläft .
- Der Hund schläft                      | der Hund schläft .
hund,katze,maus                         | Hund , Katze , Maus .
aepfel sind rot                         | Äpfel sind rot .
Uebersetze den Satz                     | übersetze den Satz !
Er geht ueber die Bruecke               | er geht über die Brücke .
Er faehrt mit dem Auto                  | er fährt mit dem Auto .
koennen wir gehen                       | können wir gehen ?
Warum schlaefst Du nicht                | warum schläfst du nicht ?
Regnet es?                              | regnet es ?
Der Hund (mein Freund) schläft.         | der Hund mein Freund schläft .
Der Hund schläft; er ist müde           | der Hund schläft , er ist müde .
Er sagt: der Hund schläft               | er sagt , der Hund schläft .
danke schon                             | danke schön .
und wo ist die katze                    | und wo ist die Katze ?
Der Hund schläft und die katze isst     | der Hund schläft und die Katze isst .
Ist das dein Hund, oder nicht           | ? oder =
Der Hund liegt                          | ? liegt = liest
Die Katze schläft\\nDer Hund ist müde    | die Katze schläft . / der Hund ist müde .
Der Hund schla\\u0308ft.                 | der Hund schläft .
Der\\u00a0Hund\\u200b schläft\\u00a0.      | der Hund schläft .
Ich liebe dich \\U0001f600              | ich liebe dich .
\\U0001f600                              | ! no word
"""

# written when the code was there
LATER = """
ich habe hunger                         | ich habe Hunger .
ICH HABE HUNGER!!                       | ich habe Hunger !
wie gehts dir                           | wie geht es dir ?
Wie heisst du                           | wie heißt du ?
woher kommst du                         | woher kommst du ?
Hallo, wie heißt du?                    | hallo , wie heißt du ?
Ja. Danke                               | ja . / danke .
nein, ich schlafe nicht                 | nein , ich schlafe nicht .
Guten Abend                             | guten Abend .
gute nacht                              | gute Nacht .
das ist mein hund                       | das ist mein Hund .
ist das dein hund                       | ist das dein Hund ?
die kinder spielen im garten            | die Kinder spielen im Garten .
Kinder spielen                          | Kinder spielen .
der koenig hat ein schloss              | der König hat ein Schloss .
Der König und die Königin.Sie sind alt. | der König und die Königin . / sie sind alt .
schlaf nicht                            | schlaf nicht !
Schreib mir einen brief!                | schreib mir einen Brief !
lies das buch bitte                     | lies das Buch bitte !
Trinkst du kaffee oder tee              | ? oder =
Wer liest das Buch                      | wer liest das Buch ?
was isst die maus                       | was isst die Maus ?
Wen liebt der Prinz?                    | wen liebt der Prinz ?
Die Frau,die ich sehe,ist schön         | die Frau , die ich sehe , ist schön .
ich sehe dich nicht weil es regnet.     | ich sehe dich nicht , weil es regnet .
Weil es regnet bin ich traurig          | weil es regnet , bin ich traurig .
Wenn du kommst schlafe ich              | wenn du kommst , schlafe ich .
ich komme morgen                        | ich komme morgen .
Morgen komme ich.                       | morgen komme ich .
am Morgen schlafe ich                   | am Morgen schlafe ich .
jeden morgen trinke ich tee             | jeden Morgen trinke ich Tee .
der alte junge                          | der alte Junge .
die jungen lesen                        | die Jungen lesen .
Der Student kaufd ein Buch              | ? kaufd = kauft
Die Blum ist rot                        | ? Blum = Blume
Das Fenstr ist groß                     | ? Fenstr = Fenster
der lowe schlaft                        | der Löwe schläft .
die tuer                                | die Tür .
Sein hund                               | sein Hund .
IST DER KAFFEE HEISS?                   | ist der Kaffee heiß ?
ich weiss nicht                         | ich weiß nicht .
Ich Liebe Dich                          | ich liebe dich .
"Hallo!" sagt er.                       | hallo ! / sagt er .
Der Hund , die Katze .                  | der Hund , die Katze .
kannst du mir helfen diesen satz zu uebersetzen | kannst du mir helfen , diesen Satz zu übersetzen ?
Er läuft,um den Zug zu sehen            | er läuft , um den Zug zu sehen .
Er geht in die Stadt um ein Buch zu kaufen | er geht in die Stadt , um ein Buch zu kaufen .
du,ich und der hund                     | du , ich und der Hund .
Schmetterling                           | ? Schmetterling =
I like dogs                             | ! English
Bonjour                                 | ? Bonjour =
猫                                       | ! CJK
مرحبا                                   | ! Arabic
!!!                                     | ! no word
das wasser ist kallt                    | ? kallt = kalt
Warum den nicht?                        | warum den nicht ?
Darf ich hier schlafen                  | darf ich hier schlafen ?
hier schlafe ich                        | hier schlafe ich .
dort ist die strassenbahn               | dort ist die Straßenbahn .
Ich habe 3 Kinder und 2 Hunde           | ich habe drei Kinder und zwei Hunde .
"""


def rows() -> list[tuple[str, str]]:
    """(what is typed, what comes of it); an empty line and a text of 200 words, which no table shows, come last."""
    lines = (line.split("|") for line in (TABLE.strip() + LATER.rstrip()).splitlines())
    table = [(unescaped(typed.rstrip()), wanted.strip()) for typed, wanted in lines]
    return [*table, ("", "! Type"), (" \t ", "! Type"), ("der Hund " * 100, "! 200 words")]


def unescaped(text: str) -> str:
    """What a table cannot hold is written there as in Python: \\n, \\u00a0."""
    for escape, sign in (("\\n", "\n"), ("\\u0308", "\u0308"), ("\\u00a0", "\u00a0"), ("\\u200b", "\u200b")):
        text = text.replace(escape, sign)
    return text.replace("\\U0001f600", "\N{GRINNING FACE}")
