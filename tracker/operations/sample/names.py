"""Names to invent pupils from: the variety of a Norman school, accents, hyphens, apostrophes and particles included."""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.replace("\n", " ").split(","))


FAMILY = _listed(
    """
Lefèvre, Lemonnier, Leroux, Hébert, Duval, Anquetil, Quesnel, Lecoq, Vasseur, Marie, Jeanne, Lebreton, Lemarchand,
Delaunay, Morin, Mesnil, Lepetit, Lesage, Lecomte, Levasseur, Hamel, Auvray, Bisson, Bourdon, Cauchon, Dubosc,
Fleury, Gosselin, Guérin, Hue, Jamet, Lainé, Langlois, Lebas, Lechevalier, Lefebvre, Legrand, Lemaître, Lenoir,
Leprêtre, Letellier, Letourneur, Mabire, Maillard, Marais, Néel, Onfroy, Pain, Picot, Poisson, Quentin, Renouf,
Robine, Roussel, Salles, Simon, Tabard, Thouroude, Toutain, Vallée, Vauquelin, Viel, Yon, Aubert, Barbey, Bérenger,
Blanchard, Bréard, Cahagne, Catherine, Chauvin, Cœuret, Dajon, Desmeulles, Dupont, Étienne, Faÿ, Févre, Gâtel,
Haÿs, Héroult, Îlot, Jourdan, Lecœur, Mûrier, Noël, Œuvrard, Pâris, Père, Rançon, Saillard, Tréhet, Vögel, Martin,
Bernard, Thomas, Petit, Robert, Richard, Durand, Moreau, Laurent, Garcia, Martinez, Lopez, Fernandes, Ferreira,
Gonçalves, Pereira, Araújo, Rodrigues, Kowalski, Nowak, Wiśniewski, Müller, Schneider, Nguyen, Trần, Phạm, Diallo,
Traoré, Koné, Coulibaly, Touré, Keïta, Ndiaye, N’Guessan, N’Diaye, M’Bemba, Benali, Bouzid, Cherif, Haddad,
Mansouri, Belkacem, Saïdi, Yılmaz, Öztürk, Şahin, Demir, Popescu, Ionescu, Haxhiu, Novák, Dvořák, Petrović,
Marković, Ali, Ahmadi, Rahimi, Singh, Kaur, Silva, Costa, O’Brien, MacLeod, Zhang, Wang, Le Goff, Le Bihan,
Le Tellier, Le Maréchal, L’Hermitte, L’Huillier, D’Hérouville, d’Ornano, de La Rue, de Saint-Pierre, du Mesnil,
des Hayes, de Brébisson, Saint-Martin, El Amrani, El Khattabi, Ben Saïd, Ben Youssef, Da Silva, Dos Santos,
Van den Berghe, Von Braun, Di Marco, Abd El Kader
"""
)

GIVEN = _listed(
    """
Emma, Louise, Jade, Alice, Chloé, Léa, Manon, Inès, Camille, Zoé, Lola, Sarah, Juliette, Rose, Anna, Lina, Éva,
Romane, Agathe, Clémence, Léonie, Maëlys, Noémie, Océane, Pauline, Salomé, Solène, Thaïs, Aïcha, Anaïs, Apolline,
Astrid, Bérénice, Capucine, Cécile, Élise, Éléa, Élodie, Faïza, Fatoumata, Gaëlle, Héloïse, Imane, Joséphine,
Khadija, Lilou, Lou, Margaux, Mathilde, Nour, Ophélie, Perrine, Rokhaya, Sofia, Victoire, Yasmine, Zélie, Aminata,
Mariam, Oksana, Weronika, Beatriz, Gabriel, Léo, Raphaël, Louis, Arthur, Jules, Hugo, Adam, Lucas, Noah, Ethan,
Nathan, Tom, Théo, Enzo, Maël, Timéo, Antoine, Baptiste, Clément, Côme, Corentin, Élias, Émile, Étienne, Félix,
Florian, François, Gaël, Gaspard, Grégoire, Ilyès, Ismaël, Joachim, Joël, Kévin, Killian, Loïc, Malo, Martin,
Mathéo, Maxence, Mehdi, Mohamed, Moussa, Naël, Nicolas, Noé, Octave, Oscar, Pablo, Quentin, Rayan, Rémi, Robin,
Sacha, Samuel, Simon, Sébastien, Thibault, Titouan, Tristan, Valentin, Victor, William, Yanis, Youssef, Zacharie,
Amadou, Ibrahima, Kacper, Mateus, Çağlar, Søren, Jean-Baptiste, Anne-Laure, Marie-Lou, Lou-Anne, François-Xavier,
Pierre-Antoine, Anne Sophie, Jean Noël, Maria João, Mohamed Amine, M’Bala, Prune-Éloïse
"""
)
